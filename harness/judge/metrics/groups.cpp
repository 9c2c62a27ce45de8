// What consumers wait for, and get again.
#include <algorithm>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

std::optional<double> unowned(const MetricQuestion& question, const View& trial) {
  std::optional<double> longest;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload)) continue;
    const auto own = workload["group"]["longest_unowned_ns"].number();
    if (own) longest = std::max(longest.value_or(0), *own);  // share groups own nothing
  }
  return longest;
}

Measured longest_lag(const MetricQuestion& question, const View& trial) {
  std::optional<Measured> longest;
  for (const View& workload : trial["workloads"].items()) {
    const View totals = workload["totals"];
    const auto own = totals["longest_lag_ns"].number();
    if (!covers(question, workload) || !own) continue;
    const auto lacking = undelivered(workload);
    const Measured span = span_by_clock(*own, trial);
    longest = worst_of(longest, lacking ? Measured::at_least(span.least, *lacking) : span);
  }
  return longest.value_or(Measured::nothing(not_recorded(question)));
}

// What is handed over later may be handed over again, too.
Measured redelivered(const MetricQuestion& question, const View& trial) {
  const auto count = total(question, trial, question.metric);
  if (!count) return Measured::nothing(not_recorded(question));
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload)) continue;
    if (const auto lacking = undelivered(workload)) return Measured::at_least(*count, *lacking);
  }
  return Measured::exactly(*count);
}

Measured longest_unowned(const MetricQuestion& question, const View& trial) {
  return span_by_clock(unowned(question, trial), question, trial);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> groups_registrations[] = {
    metric<duration, consumed, longest_unowned, Need::ownership>(
        "unowned", "longest span in which a partition had no member at work"),
    metric<duration, consumed, longest_lag>("realtime_lag",
                                            "longest that a message was due when handed over"),
    metric<count, consumed, redelivered>("redelivered", "messages handed to a group again"),
};

}  // namespace
}  // namespace seatrial::judge
