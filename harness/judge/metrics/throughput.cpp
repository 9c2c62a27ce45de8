// The rate at which acks arrive.
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

Measured throughput(const MetricQuestion& question, const json& trial) {
  double acked = 0;
  double span_s = 0;
  for (const auto& phase : trial.value("phases", json::array())) {
    if (phase.value("name", "") == "measure") {
      span_s = phase.value("to_s", 0.0) - phase.value("from_s", 0.0);
    }
  }
  if (span_s <= 0) return Measured::nothing("the load ended before measure began");
  for (const auto& series : trial.value("series", json::array())) {
    if (!question.workload.empty() && series.value("workload", "") != question.workload) continue;
    for (const auto& point : series.value("points", json::array())) {
      const double t = point.value("t_s", -1.0);
      if (t >= 0 && t < span_s) acked += point.value("done_acked", 0.0);
    }
  }
  return Measured::exactly(acked / span_s);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> registrations[] = {
    metric<rate, produced, throughput>("throughput", "acks arriving per second of measure"),
};

}  // namespace
}  // namespace seatrial::judge
