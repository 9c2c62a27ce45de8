// What consumers wait for, and get again.
#include <algorithm>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

std::optional<double> unowned(const MetricQuestion& question, const json& trial) {
  std::optional<double> longest;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(question, workload)) continue;
    const auto group = workload.value("group", json::object());
    if (!group.contains("longest_unowned_ns")) continue;  // share groups own nothing
    const double own = group["longest_unowned_ns"].get<double>();
    longest = std::max(longest.value_or(0), own);
  }
  return longest;
}

Measured longest_lag(const MetricQuestion& question, const json& trial) {
  std::optional<Measured> longest;
  for (const auto& workload : trial.value("workloads", json::array())) {
    const auto totals = workload.value("totals", json::object());
    if (!covers(question, workload) || !totals.contains("longest_lag_ns")) continue;
    const double own = totals["longest_lag_ns"].get<double>();
    const auto lacking = undelivered(workload);
    longest =
        worst_of(longest, lacking ? Measured::at_least(own, *lacking) : Measured::exactly(own));
  }
  return longest.value_or(Measured::nothing(not_recorded(question)));
}

// What is handed over later may be handed over again, too.
Measured redelivered(const MetricQuestion& question, const json& trial) {
  const auto count = total(question, trial, question.metric);
  if (!count) return Measured::nothing(not_recorded(question));
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(question, workload)) continue;
    if (const auto lacking = undelivered(workload)) return Measured::at_least(*count, *lacking);
  }
  return Measured::exactly(*count);
}

Measured longest_unowned(const MetricQuestion& question, const json& trial) {
  return known(unowned(question, trial), question);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> registrations[] = {
    metric<duration, consumed, longest_unowned>(
        "unowned", "longest span in which a partition had no member at work"),
    metric<duration, consumed, longest_lag>("realtime_lag",
                                            "longest that a message was due when handed over"),
    metric<count, consumed, redelivered>("redelivered", "messages handed to a group again"),
};

}  // namespace
}  // namespace seatrial::judge
