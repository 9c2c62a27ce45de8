// Metric names to fields of the record.
#include "run/metrics.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "scenario/expectation.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;
using scenario::Expectation;

bool covers(const Expectation& expectation, const json& workload) {
  return expectation.workload.empty() || expectation.workload == workload.value("name", "");
}

// Nobody's order and nobody's offsets: share groups have neither.
bool asks_share_groups_for_order(const Expectation& expectation, const json& trial) {
  static const std::set<std::string> of_order{"group_skipped", "committed_beyond_delivered",
                                              "nonmonotonic_poll", "poll_skip"};
  if (!of_order.contains(expectation.metric)) return false;
  bool any = false;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload) || !workload.contains("/totals/consumed"_json_pointer))
      continue;
    if (!workload.value("/group/share"_json_pointer, false)) return false;
    any = true;
  }
  return any;
}

std::optional<double> anomaly_count(const Expectation& expectation, const json& trial) {
  if (asks_share_groups_for_order(expectation, trial)) return std::nullopt;
  if (trial.value("/audit/status"_json_pointer, "") != "complete") return std::nullopt;
  std::string anomaly = expectation.metric;
  std::ranges::replace(anomaly, '_', '-');
  double count = 0;
  for (const auto& finding : trial.value("findings", json::array())) {
    if (finding.value("anomaly", "") != anomaly) continue;
    const std::string whose = finding.value("workload", "");
    if (!expectation.workload.empty() && whose != expectation.workload) {
      if (whose.empty()) return std::nullopt;  // nobody can tell that it is not this workload's
      continue;
    }
    // Only late, perhaps: the group did not read to the end.
    if (anomaly == "unseen" && finding.value("allowance", "") == "neutral") return std::nullopt;
    count += finding.value("count", 0.0);
  }
  return count;
}

std::optional<double> total(const Expectation& expectation, const json& trial,
                            const std::string& name) {
  std::optional<double> sum;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload)) continue;
    const auto totals = workload.value("totals", json::object());
    if (totals.contains(name)) sum = sum.value_or(0) + totals[name].get<double>();
  }
  return sum;
}

std::optional<double> latency_of(const Expectation& expectation, const json& latency) {
  if (expectation.function == "max" || expectation.function == "mean") {
    const std::string key = expectation.function + "_ns";
    if (latency.value("count", 0) == 0) return std::nullopt;
    return latency.contains(key) ? std::optional(latency[key].get<double>()) : std::nullopt;
  }
  static const std::map<std::string, double> percentiles{
      {"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}, {"p999", 99.9}};
  const auto wanted = percentiles.find(expectation.function);
  if (wanted == percentiles.end()) return std::nullopt;
  for (const auto& point : latency.value("percentiles", json::array())) {
    if (point.value("p", 0.0) == wanted->second) return point.value("ns", 0.0);
  }
  return std::nullopt;
}

std::optional<double> latency(const Expectation& expectation, const json& trial) {
  if (generator_limited(expectation, trial)) return std::nullopt;
  const bool apart = expectation.outside_faults && !trial.value("faults", json::array()).empty();
  const char* field = apart ? "latency_outside_faults" : "latency";
  std::optional<double> worst;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload)) continue;
    const auto all = workload.value(field, json::object());
    if (!all.contains(expectation.metric)) continue;
    // What never reached the group is later than all that did, and in no histogram.
    if (workload.value("/totals/undelivered"_json_pointer, std::uint64_t{0}) > 0)
      return std::nullopt;
    const auto value = latency_of(expectation, all[expectation.metric]);
    if (!value) return std::nullopt;  // the one that is missing might be the worst
    worst = std::max(worst.value_or(0), *value);
  }
  return worst;
}

std::optional<double> throughput(const Expectation& expectation, const json& trial) {
  double acked = 0;
  double span_s = 0;
  for (const auto& phase : trial.value("phases", json::array())) {
    if (phase.value("name", "") == "measure") {
      span_s = phase.value("to_s", 0.0) - phase.value("from_s", 0.0);
    }
  }
  if (span_s <= 0) return std::nullopt;
  for (const auto& series : trial.value("series", json::array())) {
    if (!expectation.workload.empty() && series.value("workload", "") != expectation.workload)
      continue;
    for (const auto& point : series.value("points", json::array())) {
      const double t = point.value("t_s", -1.0);
      if (t >= 0 && t < span_s) acked += point.value("done_acked", 0.0);
    }
  }
  return acked / span_s;
}

std::optional<double> unowned(const Expectation& expectation, const json& trial) {
  std::optional<double> longest;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload)) continue;
    const auto group = workload.value("group", json::object());
    if (!group.contains("longest_unowned_ns")) continue;  // share groups own nothing
    const double own = group["longest_unowned_ns"].get<double>();
    longest = std::max(longest.value_or(0), own);
  }
  return longest;
}

// Nothing while messages are undelivered: what never came is later than all that did.
std::optional<double> longest_lag(const Expectation& expectation, const json& trial) {
  std::optional<double> longest;
  for (const auto& workload : trial.value("workloads", json::array())) {
    const auto totals = workload.value("totals", json::object());
    if (!covers(expectation, workload) || !totals.contains("longest_lag_ns")) continue;
    if (totals.value("undelivered", std::uint64_t{0}) > 0) return std::nullopt;
    longest = std::max(longest.value_or(0), totals["longest_lag_ns"].get<double>());
  }
  return longest;
}

std::optional<double> unavailability(const json& trial) {
  if (!trial.contains("availability")) return std::nullopt;
  double longest = 0;
  for (const auto& partition : trial["availability"]) {
    longest = std::max(longest, partition.value("longest_ns", 0.0));
  }
  return longest;
}

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

}  // namespace

bool generator_limited(const Expectation& expectation, const json& trial) {
  const auto* spec = scenario::find_metric(expectation.metric);
  if (spec == nullptr || spec->kind != scenario::MetricKind::latency) return false;
  // What consumers measure begins with a message's intended time too, whoever was late with it.
  const bool anyones = spec->side == scenario::MetricSide::consumed;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (workload.contains("generator_limited") && (anyones || covers(expectation, workload)))
      return true;
  }
  return false;
}

std::optional<double> metric_value(const Expectation& expectation, const json& trial) {
  const std::string& metric = expectation.metric;
  const auto* spec = scenario::find_metric(metric);
  if (spec != nullptr && spec->of_checker) return anomaly_count(expectation, trial);
  if (metric == "unavailability") return unavailability(trial);
  if (metric == "unowned") return unowned(expectation, trial);
  if (metric == "realtime_lag") return longest_lag(expectation, trial);
  if (metric == "broker_cpu") return worst_broker(trial, "/cpu"_json_pointer);
  if (metric == "gc_pause") return worst_broker(trial, "/gc/max_ns"_json_pointer);
  if (metric == "under_replicated")
    return worst_broker(trial, "/under_replicated_max"_json_pointer);
  if (metric == "throughput") return throughput(expectation, trial);
  if (metric == "unknown_share") {
    const auto intended = total(expectation, trial, "intended");
    const auto unknown = total(expectation, trial, "unknown");
    if (!intended || !unknown || *intended == 0) return std::nullopt;
    return *unknown / *intended;
  }
  if (!expectation.function.empty()) return latency(expectation, trial);
  return total(expectation, trial, metric);
}

}  // namespace seatrial::run
