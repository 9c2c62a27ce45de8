// Latencies, unless something makes them doubtful: a late generator, others on the machine, a load
// that never was steady.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/units.hpp"
#include "judge/metrics/reading.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

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
std::optional<std::string> latency_doubt(const MetricQuestion& question, const json& trial) {
  const auto* spec = scenario::find_metric(question.metric);
  const bool anyones = spec != nullptr && spec->side == MetricSide::consumed;
  for (const auto& doubt : trial.value("latency_unknown", json::array()))
    return doubt.get<std::string>();
  for (const auto& workload : trial.value("workloads", json::array())) {
    const bool own = covers(question, workload);
    if (!anyones && !own) continue;
    if (auto doubt = latency_doubt(workload)) return doubt;
    if (own && workload.contains("falls_behind")) {
      return "'" + workload.value("name", "") +
             "' was not steady: " + workload["falls_behind"].get<std::string>();
    }
  }
  return std::nullopt;
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
Measured percentile(const MetricQuestion& question, double p, const json& latency) {
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
  auto why = fmt::format("{} needs {} samples{}, and there are {}", question.function,
                         format_count(scenario::samples_needed(p)),
                         question.outside_faults ? " outside faults" : "",
                         format_count(latency.value("count", std::uint64_t{0})));
  if (without_ack || !latency.contains("max_ns")) return Measured::at_least(least, std::move(why));
  return Measured::between(least, latency["max_ns"].get<double>(), std::move(why));
}

Measured latency_of(const MetricQuestion& question, const json& latency) {
  if (latency.value("count", 0) == 0) {
    return Measured::nothing(fmt::format("no message of measure{} has a latency",
                                         question.outside_faults ? " outside faults" : ""));
  }
  if (const auto p = scenario::percentile_of(question.function))
    return percentile(question, *p, latency);
  const std::string key = question.function + "_ns";
  if (!latency.contains(key)) return Measured::nothing(not_recorded(question));
  const auto without_ack = unanswered(latency);
  const double value = latency[key].get<double>();
  return without_ack ? Measured::at_least(value, *without_ack) : Measured::exactly(value);
}

Measured worst_latency(const MetricQuestion& question, const json& trial) {
  if (auto doubt = latency_doubt(question, trial)) return Measured::nothing(*doubt);
  const bool apart = question.outside_faults && !trial.value("faults", json::array()).empty();
  const char* field = apart ? "latency_outside_faults" : "latency";
  std::optional<Measured> worst;
  for (const auto& workload : trial.value("workloads", json::array())) {
    if (!covers(question, workload)) continue;
    const auto all = workload.value(field, json::object());
    if (!all.contains(question.metric)) continue;
    Measured own = latency_of(question, all[question.metric]);
    const auto lacking = undelivered(workload);
    if (lacking) own = Measured::at_least(own.least, *lacking);
    worst = worst_of(worst, own);
  }
  return worst.value_or(Measured::nothing(not_recorded(question)));
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> registrations[] = {
    metric<latency, produced, worst_latency>("response", "from the intended time to the ack"),
    metric<latency, produced, worst_latency>("service", "from the send to the ack"),
    metric<latency, produced, worst_latency>(
        "lateness", "from the intended time to the send; by wire, of its batch beyond linger"),
    metric<latency, consumed, worst_latency>("end_to_end", "from the intended time to a consumer"),
};

}  // namespace
}  // namespace seatrial::judge
