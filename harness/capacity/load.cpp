// Rates scaled, phases shortened.
#include "capacity/load.hpp"

#include <algorithm>
#include <cmath>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/counted.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"
#include "scenario/needs.hpp"

namespace seatrial::capacity {
namespace {

// So that a trial that failed ends soon: what is not settled, in sync or read by then is unknown.
constexpr auto most_warmup = seconds(10), most_settle = seconds(10), most_recover = seconds(10),
               most_audit = seconds(20);
constexpr auto least_bracket = seconds(3);  // of measure, unless the scenario's own is shorter
constexpr auto cluster_start = seconds(15);
constexpr auto connect_and_leave = seconds(5);
constexpr auto until_steady = seconds(6), usual_end = seconds(4);

const Plugin<Workload>* plugin_of(const scenario::WorkloadPlan& plan) {
  return Registry<Workload>::instance().find(plan.kind);
}

// Where the rate changes over time, a trial has many, and none of them is the load.
bool varies(const Workload& workload) {
  const double each = workload.offered_rate();
  for (const auto span : {seconds(1), seconds(10), seconds(100)}) {
    const double due = workload.offered_messages(span);
    if (std::abs(due / (each * to_seconds(span)) - 1) > 0.05 && std::abs(due - each) > 2)
      return true;
  }
  return false;
}

std::string why_not(const scenario::WorkloadPlan& plan, const Workload& workload) {
  const std::string name = "workload '" + plan.name + "'";
  if (!plan.options.has("rate"))
    return name + " replays recorded times, which no search can scale: give it a rate";
  if (plan.options.rate("rate").unlimited) {
    return name +
           " has rate: max, a closed loop without a load to search: give it a rate to start "
           "from, as in --set workloads." +
           plan.name + ".rate=1000/s";
  }
  if (plan.options.has("count") && plan.options.integer("count") > 0)
    return name + " ends after a count of messages: leave count out, for a load is searched";
  if (varies(workload)) {
    return name +
           " has a rate that changes over time: search the capacity with arrivals that keep "
           "it (constant, poisson, bursts), and run the other ones at what was found";
  }
  return "";
}

void scale(scenario::WorkloadPlan& plan, double factor) {
  const auto* plugin = plugin_of(plan);
  auto raw = plan.options.all();
  raw["rate"].text = rate_text(plan.options.rate("rate").per_second() * factor);
  std::vector<OptionProblem> problems;
  auto scaled = Options::check(plugin->options, raw, problems);
  check(problems.empty(), "a scaled rate is as good as the one that it was made of");
  scaled.set_folder(plan.options.folder());
  plan.options = std::move(scaled);
}

}  // namespace

Result<Searched> searched_in(const scenario::TrialPlan& trial) {
  Searched out;
  double bytes = 0;
  for (const auto& plan : trial.workloads) {
    const auto* plugin = plugin_of(plan);
    if (plugin == nullptr) continue;
    const auto workload = plugin->make(plan.options);
    if (!workload->traits().produces) continue;
    if (const bool transforms =
            plan.options.has("mode") && plan.options.text("mode") == "transform";
        transforms)
      continue;  // it follows what others produce
    if (const auto why = why_not(plan, *workload); !why.empty()) return Error{why, ""};
    const double rate = workload->offered_rate();
    out.rates_per_s[plan.name] = rate;
    out.per_s += rate;
    bytes += rate * static_cast<double>(scenario::mean_message_bytes(plan.options).value_or(0));
  }
  if (out.per_s <= 0)
    return Error{"no workload produces at a rate, so there is no load to search", ""};
  out.message_bytes = bytes / out.per_s;
  return out;
}

std::string rate_text(double per_s) {
  const auto by_minute = std::max(1LL, std::llround(per_s * 60));
  if (per_s < 1000 && by_minute % 60 != 0) return std::to_string(by_minute) + "/min";
  return std::to_string(std::llround(per_s)) + "/s";
}

nanoseconds measure_of(const scenario::TrialPlan& base, Phase phase) {
  const nanoseconds own = base.phases.measure;
  switch (phase) {
    case Phase::bracket:
      return std::min<nanoseconds>(own, std::max<nanoseconds>(own / 2, least_bracket));
    case Phase::bisect:
    case Phase::confirm:
    case Phase::ended: break;
    case Phase::retest: return 2 * own;
    case Phase::soak: return 4 * own;
  }
  return own;
}

scenario::TrialPlan at_load(const scenario::TrialPlan& base, const Searched& searched,
                            const Ask& ask) {
  scenario::TrialPlan out = base;
  auto& phases = out.phases;
  phases.measure = measure_of(base, ask.phase);
  phases.warmup.at_most = std::max<nanoseconds>(
      phases.warmup.at_least, std::min<nanoseconds>(phases.warmup.at_most, most_warmup));
  phases.settle = std::min<nanoseconds>(phases.settle, most_settle);
  phases.recover = std::min<nanoseconds>(phases.recover, most_recover);
  phases.audit = std::min<nanoseconds>(phases.audit, most_audit);
  for (auto& workload : out.workloads) {
    if (searched.rates_per_s.contains(workload.name)) scale(workload, ask.per_s / searched.per_s);
  }
  return out;
}

Span length_of(const scenario::TrialPlan& base, Phase phase, bool fresh) {
  const auto trial = at_load(base, Searched{}, {.phase = phase, .per_s = 1});
  const auto& phases = trial.phases;
  const nanoseconds start = fresh ? nanoseconds(cluster_start) : nanoseconds(0);
  const nanoseconds ends = phases.settle + phases.recover + phases.audit + connect_and_leave;
  const nanoseconds warm = std::min<nanoseconds>(
      phases.warmup.at_most, std::max<nanoseconds>(phases.warmup.at_least, until_steady));
  return {.most_s = to_seconds(start + phases.warmup.at_most + phases.measure + ends),
          .usual_s = to_seconds(start + warm + phases.measure + usual_end)};
}

}  // namespace seatrial::capacity
