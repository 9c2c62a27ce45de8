// The rate at which acks arrive.
#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

Measured throughput(const MetricQuestion& question, const View& trial) {
  double acked = 0;
  const double span_s = measured_s(trial);
  if (span_s <= 0) return Measured::nothing("the load ended before measure began");
  for (const View& series : trial["series"].items()) {
    if (!question.workload.empty() && series["workload"].text() != question.workload) continue;
    for (const View& point : series["points"].items()) {
      const double t = point["t_s"].number_or(-1.0);
      if (t >= 0 && t < span_s) acked += point["done_acked"].number_or(0.0);
    }
  }
  return Measured::exactly(acked / span_s);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> throughput_registrations[] = {
    metric<rate, produced, throughput>("throughput", "acks arriving per second of measure"),
};

}  // namespace
}  // namespace seatrial::judge
