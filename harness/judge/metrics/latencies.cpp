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

// Why no latency of a load can be believed; nothing if they can. Doubts about a load as a whole
// belong here.
std::optional<std::string> latency_doubt(const View& workload) {
  if (workload["generator_limited"].present()) {
    return "the generator of '" + workload["name"].text() +
           "' was late: " + workload["generator_limited"].text();
  }
  const View totals = workload["totals"];
  if (totals["acked"].number_or(1) == 0 && totals["sent"].number_or(0) == 0) {
    return "nothing of '" + workload["name"].text() +
           "' was acked: its messages have ages, not latencies";
  }
  return std::nullopt;
}

// What consumers measure begins with a message's intended time too, whoever was late with it.
std::optional<std::string> latency_doubt(const MetricQuestion& question, const View& trial) {
  const auto* spec = scenario::find_metric(question.metric);
  const bool anyones = spec != nullptr && spec->side == MetricSide::consumed;
  if (const View doubt = trial["latency_unknown"].at(0)) return doubt.text();
  for (const View& workload : trial["workloads"].items()) {
    const bool own = covers(question, workload);
    if (!anyones && !own) continue;
    if (auto doubt = latency_doubt(workload)) return doubt;
    if (own && workload["falls_behind"].present()) {
      return "'" + workload["name"].text() + "' was not steady: " + workload["falls_behind"].text();
    }
  }
  return std::nullopt;
}

// A message that was never answered counts with the age at which somebody gave it up: had it been
// answered, then later.
std::optional<std::string> unanswered(const View& latency) {
  const auto censored = latency["censored"].count();
  if (censored == 0) return std::nullopt;
  return fmt::format("{} of {} messages got no ack, and count with their age",
                     format_count(censored), format_count(latency["count"].count()));
}

// With too few samples beyond it, a percentile lies somewhere between those below and the maximum.
Measured percentile(const MetricQuestion& question, double p, const View& latency) {
  const auto without_ack = unanswered(latency);
  double least = 0;
  for (const View& point : latency["percentiles"].items()) {
    const double at = point["p"].number_or(0.0), ns = point["ns"].number_or(0.0);
    if (at < p) least = std::max(least, ns);
    if (at != p) continue;
    if (!without_ack) return Measured::exactly(ns);
    const auto most = point["most_ns"].number();
    return most ? Measured::between(ns, std::max(ns, *most), *without_ack)
                : Measured::at_least(ns, *without_ack);
  }
  auto why = fmt::format("{} needs {} samples{}, and there are {}", question.function,
                         format_count(scenario::samples_needed(p)),
                         question.outside_faults ? " outside faults" : "",
                         format_count(latency["count"].count()));
  const auto longest = latency["max_ns"].number();
  if (without_ack || !longest) return Measured::at_least(least, std::move(why));
  return Measured::between(least, std::max(least, *longest), std::move(why));
}

Measured latency_of(const MetricQuestion& question, const View& latency) {
  if (latency["count"].number_or(0) == 0) {
    return Measured::nothing(fmt::format("no message of measure{} has a latency",
                                         question.outside_faults ? " outside faults" : ""));
  }
  if (const auto p = scenario::percentile_of(question.function))
    return percentile(question, *p, latency);
  const auto value = latency[question.function + "_ns"].number();
  if (!value) return Measured::nothing(not_recorded(question));
  const auto without_ack = unanswered(latency);
  return without_ack ? Measured::at_least(*value, *without_ack) : Measured::exactly(*value);
}

Measured worst_latency(const MetricQuestion& question, const View& trial) {
  if (auto doubt = latency_doubt(question, trial)) return Measured::nothing(*doubt);
  const bool apart = question.outside_faults && trial["faults"].size() > 0;
  const char* field = apart ? "latency_outside_faults" : "latency";
  std::optional<Measured> worst;
  for (const View& workload : trial["workloads"].items()) {
    if (!covers(question, workload)) continue;
    const View latency = workload[field][question.metric];
    if (!latency) continue;
    Measured own = latency_of(question, latency);
    const auto lacking = undelivered(workload);
    if (lacking) own = Measured::at_least(own.least, *lacking);
    worst = worst_of(worst, own);
  }
  return worst.value_or(Measured::nothing(not_recorded(question)));
}

using enum MetricKind;
using enum MetricSide;
const Registration<Metric> latencies_registrations[] = {
    metric<latency, produced, worst_latency, Need::acks>("response",
                                                         "from the intended time to the ack"),
    metric<latency, produced, worst_latency, Need::acks>("service", "from the send to the ack"),
    metric<latency, produced, worst_latency>(
        "lateness",
        "from the intended time to the send, `wake` included; by wire, of its batch beyond linger"),
    metric<latency, consumed, worst_latency>("end_to_end", "from the intended time to a consumer"),
};

}  // namespace
}  // namespace seatrial::judge
