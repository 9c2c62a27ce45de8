// What the brokers used, by the one that used most.
#include <algorithm>

#include "judge/metrics/reading.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

// Of the brokers' rows, the largest; nothing if one of them did not tell.
std::optional<double> worst_broker(const json& trial, const json::json_pointer& field) {
  std::optional<double> worst;
  for (const auto& row : trial.value("brokers", json::array())) {
    if (row.value("role", "") == "controller") continue;
    if (!row.contains(field)) return std::nullopt;
    worst = std::max(worst.value_or(0), row.at(field).get<double>());
  }
  return worst;
}

Measured cpu(const MetricQuestion& question, const json& trial) {
  return known(worst_broker(trial, "/cpu"_json_pointer), question);
}
Measured gc_pause(const MetricQuestion& question, const json& trial) {
  return known(worst_broker(trial, "/gc/max_ns"_json_pointer), question);
}
Measured under_replicated(const MetricQuestion& question, const json& trial) {
  return known(worst_broker(trial, "/under_replicated_max"_json_pointer), question);
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> registrations[] = {
    metric<share, cluster, cpu>("broker_cpu",
                                "mean of one core's time, by the broker that used most"),
    metric<duration, cluster, gc_pause>("gc_pause",
                                        "longest pause of a broker's garbage collector"),
    metric<count, cluster, under_replicated>(
        "under_replicated", "most under-replicated partitions that one broker led"),
};

}  // namespace
}  // namespace seatrial::judge
