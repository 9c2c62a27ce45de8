// Metric names to fields of the record.
#include "judge/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "core/units.hpp"
#include "judge/load_check.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;
using scenario::Expectation;
using scenario::Measured;

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

std::string not_recorded(const Expectation& expectation) {
  return "the trial recorded no " + expectation.metric;
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

Measured anomaly_count(const Expectation& expectation, const json& trial) {
  if (asks_share_groups_for_order(expectation, trial))
    return Measured::nothing("share groups have neither order nor offsets");
  if (trial.value("/audit/status"_json_pointer, "") != "complete")
    return Measured::nothing("the audit is incomplete");
  if (expectation.metric == "acked_lost" && total(expectation, trial, "acked") == 0)
    return Measured::nothing("no message was acked");
  std::string anomaly = expectation.metric;
  std::ranges::replace(anomaly, '_', '-');
  double count = 0;
  for (const auto& finding : trial.value("findings", json::array())) {
    if (finding.value("anomaly", "") != anomaly) continue;
    const std::string whose = finding.value("workload", "");
    if (!expectation.workload.empty() && whose != expectation.workload) {
      if (whose.empty()) return Measured::nothing("nobody can tell of which workload they are");
      continue;
    }
    if (anomaly == "unseen" && finding.value("allowance", "") == "neutral")
      return Measured::nothing("the group did not read to the end, so they may only be late");
    count += finding.value("count", 0.0);
  }
  return Measured::exactly(count);
}

Measured known(std::optional<double> value, const Expectation& expectation) {
  return value ? Measured::exactly(*value) : Measured::nothing(not_recorded(expectation));
}

// Why no latency of a load can be believed; nothing if they can. Doubts about a load as a whole
// belong here.
std::optional<std::string> latency_doubt(const json& workload) {
  if (workload.contains("generator_limited")) {
    return "the generator of '" + workload.value("name", "") +
           "' was late: " + workload["generator_limited"].get<std::string>();
  }
  const auto totals = workload.value("totals", json::object());
  if (totals.value("acked", 1) == 0 && totals.value("sent", 0) == 0) {
    return "nothing of '" + workload.value("name", "") +
           "' was acked: its messages have ages, not latencies";
  }
  return std::nullopt;
}

// What consumers measure begins with a message's intended time too, whoever was late with it.
std::optional<std::string> latency_doubt(const Expectation& expectation, const json& trial) {
  const auto* spec = scenario::find_metric(expectation.metric);
  const bool anyones = spec != nullptr && spec->side == scenario::MetricSide::consumed;
  for (const auto& doubt : trial.value("latency_unknown", json::array()))
    return doubt.get<std::string>();
  for (const auto& workload : trial.value("workloads", json::array())) {
    const bool own = covers(expectation, workload);
    if (!anyones && !own) continue;
    if (auto doubt = latency_doubt(workload)) return doubt;
    if (own && workload.contains("falls_behind")) {
      return "'" + workload.value("name", "") +
             "' was not steady: " + workload["falls_behind"].get<std::string>();
    }
  }
  return std::nullopt;
}

// What never came is later than all that did, and in no histogram.
std::optional<std::string> undelivered(const json& workload) {
  const auto count = workload.value("/totals/undelivered"_json_pointer, std::uint64_t{0});
  if (count == 0) return std::nullopt;
  return fmt::format("{} message{} of the log {} never handed to '{}'", format_count(count),
                     count == 1 ? "" : "s", count == 1 ? "was" : "were",
                     workload.value("name", ""));
}

// A message that was never answered counts with the age at which somebody gave it up: had it been
// answered, then later.
std::optional<std::string> unanswered(const json& latency) {
  const auto censored = latency.value("censored", std::uint64_t{0});
  if (censored == 0) return std::nullopt;
  return fmt::format("{} of {} messages got no ack, and count with their age",
                     format_count(censored),
                     format_count(latency.value("count", std::uint64_t{0})));
}

// With too few samples beyond it, a percentile lies somewhere between those below and the maximum.
Measured percentile(const Expectation& expectation, double p, const json& latency) {
  const auto without_ack = unanswered(latency);
  double least = 0;
  for (const auto& point : latency.value("percentiles", json::array())) {
    const double at = point.value("p", 0.0), ns = point.value("ns", 0.0);
    if (at < p) least = std::max(least, ns);
    if (at != p) continue;
    if (!without_ack) return Measured::exactly(ns);
    if (!point.contains("most_ns")) return Measured::at_least(ns, *without_ack);
    return Measured::between(ns, point["most_ns"].get<double>(), *without_ack);
  }
  auto why = fmt::format("{} needs {} samples{}, and there are {}", expectation.function,
                         format_count(scenario::samples_needed(p)),
                         expectation.outside_faults ? " outside faults" : "",
                         format_count(latency.value("count", std::uint64_t{0})));
  if (without_ack || !latency.contains("max_ns")) return Measured::at_least(least, std::move(why));
  return Measured::between(least, latency["max_ns"].get<double>(), std::move(why));
}

Measured latency_of(const Expectation& expectation, const json& latency) {
  if (latency.value("count", 0) == 0) {
    return Measured::nothing(fmt::format("no message of measure{} has a latency",
                                         expectation.outside_faults ? " outside faults" : ""));
  }
  if (const auto p = scenario::percentile_of(expectation.function))
    return percentile(expectation, *p, latency);
  const std::string key = expectation.function + "_ns";
  if (!latency.contains(key)) return Measured::nothing(not_recorded(expectation));
  const auto without_ack = unanswered(latency);
  const double value = latency[key].get<double>();
  return without_ack ? Measured::at_least(value, *without_ack) : Measured::exactly(value);
}

// Of several, the larger: known to be at least what either is.
Measured worst_of(const std::optional<Measured>& a, const Measured& b) {
  if (!a) return b;
  if (a->known() && b.known()) return Measured::exactly(std::max(a->least, b.least));
  return Measured::between(std::max(a->least, b.least), std::max(a->most, b.most),
                           a->known() ? b.why : a->why);
}

Measured latency(const Expectation& expectation, const json& trial) {
  if (auto doubt = latency_doubt(expectation, trial)) return Measured::nothing(*doubt);
  const bool apart = expectation.outside_faults && !trial.value("faults", json::array()).empty();
  const char* field = apart ? "latency_outside_faults" : "latency";
  std::optional<Measured> worst;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload)) continue;
    const auto all = workload.value(field, json::object());
    if (!all.contains(expectation.metric)) continue;
    Measured own = latency_of(expectation, all[expectation.metric]);
    const auto lacking = undelivered(workload);
    if (lacking) own = Measured::at_least(own.least, *lacking);
    worst = worst_of(worst, own);
  }
  return worst.value_or(Measured::nothing(not_recorded(expectation)));
}

Measured throughput(const Expectation& expectation, const json& trial) {
  double acked = 0;
  double span_s = 0;
  for (const auto& phase : trial.value("phases", json::array())) {
    if (phase.value("name", "") == "measure") {
      span_s = phase.value("to_s", 0.0) - phase.value("from_s", 0.0);
    }
  }
  if (span_s <= 0) return Measured::nothing("the load ended before measure began");
  for (const auto& series : trial.value("series", json::array())) {
    if (!expectation.workload.empty() && series.value("workload", "") != expectation.workload)
      continue;
    for (const auto& point : series.value("points", json::array())) {
      const double t = point.value("t_s", -1.0);
      if (t >= 0 && t < span_s) acked += point.value("done_acked", 0.0);
    }
  }
  return Measured::exactly(acked / span_s);
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

Measured longest_lag(const Expectation& expectation, const json& trial) {
  std::optional<Measured> longest;
  for (const auto& workload : trial.value("workloads", json::array())) {
    const auto totals = workload.value("totals", json::object());
    if (!covers(expectation, workload) || !totals.contains("longest_lag_ns")) continue;
    const double own = totals["longest_lag_ns"].get<double>();
    const auto lacking = undelivered(workload);
    longest =
        worst_of(longest, lacking ? Measured::at_least(own, *lacking) : Measured::exactly(own));
  }
  return longest.value_or(Measured::nothing(not_recorded(expectation)));
}

Measured unavailability(const Expectation& expectation, const json& trial) {
  if (!trial.contains("availability")) return Measured::nothing(not_recorded(expectation));
  const auto sent = total(expectation, trial, "sent"), acked = total(expectation, trial, "acked");
  if (acked == 0 && sent.value_or(0) > 0)
    return Measured::nothing("with acks=0 nobody can tell what is available");
  double longest = 0;
  for (const auto& partition : trial["availability"]) {
    longest = std::max(longest, partition.value("longest_ns", 0.0));
  }
  return Measured::exactly(longest);
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

// What is handed over later may be handed over again, too.
Measured redelivered(const Expectation& expectation, const json& trial) {
  const auto count = total(expectation, trial, expectation.metric);
  if (!count) return Measured::nothing(not_recorded(expectation));
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload)) continue;
    if (const auto lacking = undelivered(workload)) return Measured::at_least(*count, *lacking);
  }
  return Measured::exactly(*count);
}

// A load of which nothing fell due within measure was not put to the test, whatever it did before.
std::optional<std::string> idle(const Expectation& expectation, const json& trial) {
  if (expectation.workload.empty() || expectation.metric == "intended") return std::nullopt;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(expectation, workload) || !workload.contains("/totals/intended"_json_pointer))
      continue;
    const auto within = within_measure(trial, expectation.workload);
    if (within && within->intended == 0)
      return "no message of '" + expectation.workload + "' fell due within measure";
  }
  return std::nullopt;
}

Measured unknown_share(const Expectation& expectation, const json& trial) {
  const auto intended = total(expectation, trial, "intended");
  const auto unknown = total(expectation, trial, "unknown");
  if (!intended || !unknown) return Measured::nothing(not_recorded(expectation));
  if (*intended == 0) return Measured::nothing("no message fell due");
  return Measured::exactly(*unknown / *intended);
}

}  // namespace

Measured measured(const Expectation& expectation, const json& trial) {
  const std::string& metric = expectation.metric;
  const auto* spec = scenario::find_metric(metric);
  const auto of_brokers = [&](const json::json_pointer& field) {
    return known(worst_broker(trial, field), expectation);
  };
  if (auto why = idle(expectation, trial)) return Measured::nothing(std::move(*why));
  if (spec != nullptr && spec->of_checker) return anomaly_count(expectation, trial);
  if (metric == "unavailability") return unavailability(expectation, trial);
  if (metric == "unowned") return known(unowned(expectation, trial), expectation);
  if (metric == "realtime_lag") return longest_lag(expectation, trial);
  if (metric == "broker_cpu") return of_brokers("/cpu"_json_pointer);
  if (metric == "gc_pause") return of_brokers("/gc/max_ns"_json_pointer);
  if (metric == "under_replicated") return of_brokers("/under_replicated_max"_json_pointer);
  if (metric == "redelivered") return redelivered(expectation, trial);
  if (metric == "throughput") return throughput(expectation, trial);
  if (metric == "unknown_share") return unknown_share(expectation, trial);
  if (!expectation.function.empty()) return latency(expectation, trial);
  return known(total(expectation, trial, metric), expectation);
}

}  // namespace seatrial::judge
