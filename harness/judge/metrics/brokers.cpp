// What the brokers used, by the one that used most.
#include <algorithm>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

// Of the brokers' rows, the largest; nothing if one of them did not tell.
std::optional<double> worst_broker(const View& trial, View (*field)(const View& broker)) {
  std::optional<double> worst;
  for (const View& row : trial["brokers"].items()) {
    if (row["role"].is("controller")) continue;
    const auto value = field(row).number();
    if (!value) return std::nullopt;
    worst = std::max(worst.value_or(0), *value);
  }
  return worst;
}

Measured cpu(const MetricQuestion& question, const View& trial) {
  return known(worst_broker(trial, [](const View& of) { return of["cpu"]; }), question);
}
Measured gc_pause(const MetricQuestion& question, const View& trial) {
  return span_by_clock(worst_broker(trial, [](const View& of) { return of["gc"]["max_ns"]; }),
                       question, trial);
}
Measured under_replicated(const MetricQuestion& question, const View& trial) {
  return known(worst_broker(trial, [](const View& of) { return of["under_replicated_max"]; }),
               question);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> brokers_registrations[] = {
    metric<share, cluster, cpu, Need::processes>(
        "broker_cpu", "mean of one core's time, by the broker that used most"),
    metric<duration, cluster, gc_pause, Need::processes>(
        "gc_pause", "longest pause of a broker's garbage collector"),
    metric<count, cluster, under_replicated, Need::jmx>(
        "under_replicated", "most under-replicated partitions that one broker led"),
};

}  // namespace
}  // namespace seatrial::judge
