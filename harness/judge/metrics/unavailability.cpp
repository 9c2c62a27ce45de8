// How long partitions acked nothing although messages were due.
#include <algorithm>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

Measured unavailability(const MetricQuestion& question, const View& trial) {
  if (!trial["availability"].present()) return Measured::nothing(not_recorded(question));
  const auto sent = total(question, trial, "sent"), acked = total(question, trial, "acked");
  if (acked == 0 && sent.value_or(0) > 0)
    return Measured::nothing("with acks=0 nobody can tell what is available");
  double longest = 0;
  for (const View& partition : trial["availability"].items()) {
    longest = std::max(longest, partition["longest_ns"].number_or(0));
  }
  return span_by_clock(longest, trial);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> unavailability_registrations[] = {
    metric<duration, cluster, unavailability, Need::acks>(
        "unavailability", "longest span in which a partition acked nothing due"),
};

}  // namespace
}  // namespace seatrial::judge
