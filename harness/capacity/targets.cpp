// Reading targets, and refusing those that no search could end on.
#include "capacity/targets.hpp"

#include <algorithm>
#include <optional>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "core/suggest.hpp"
#include "core/units.hpp"
#include "scenario/decidable.hpp"

namespace seatrial::capacity {
namespace {

using scenario::Comparison;
using scenario::Expectation;

constexpr const char* always = "acked_lost == 0";

bool has_it(const scenario::WorkloadPlan& workload, MetricSide side) {
  if (side == MetricSide::cluster) return true;
  const auto* plugin = Registry<Workload>::instance().find(workload.kind);
  if (plugin == nullptr) return true;
  const bool produces = plugin->make(workload.options)->traits().produces;
  return produces == (side == MetricSide::produced);
}

// A metric of a workload that is not there, or of one that does other things.
std::optional<std::string> nobodys(const Expectation& target, const scenario::TrialPlan& trial) {
  const auto side = scenario::find_metric(target.metric)->side;
  const std::string does = side == MetricSide::produced ? "produces" : "consumes";
  std::vector<std::string> names;
  for (const auto& workload : trial.workloads) names.push_back(workload.name);
  if (!target.workload.empty()) {
    const auto at =
        std::ranges::find(trial.workloads, target.workload, &scenario::WorkloadPlan::name);
    if (at == trial.workloads.end())
      return "there is no workload '" + target.workload + "'" +
             did_you_mean(target.workload, names);
    if (has_it(*at, side)) return std::nullopt;
    return "workload '" + target.workload + "' has no '" + target.metric + "': only one that " +
           does + " has";
  }
  if (std::ranges::any_of(trial.workloads, [&](const auto& own) { return has_it(own, side); }))
    return std::nullopt;
  return "no workload " + does + ", so there is no '" + target.metric + "'";
}

// More load must be able to break it, and less to keep it.
std::optional<std::string> not_a_limit(const Expectation& target) {
  const auto* metric = scenario::find_metric(target.metric);
  const std::string example =
      metric->kind == MetricKind::latency ? "p99(response) <= 20ms" : target.metric + " <= VALUE";
  switch (target.comparison) {
    case Comparison::less:
    case Comparison::less_equal:
      if (metric->kind != MetricKind::count) break;
      return "a count grows with a trial's length, and trials grow from phase to phase: hold it to "
             "== 0, or take a share, a rate or a latency";
    case Comparison::equal:
      if (target.value == 0 && metric->kind == MetricKind::count) return std::nullopt;
      return "a target is a limit that higher loads break, as in " + example +
             "; only counts may be held to == 0";
    case Comparison::not_equal:
    case Comparison::greater:
    case Comparison::greater_equal:
      return "a target is a limit that low loads keep and high ones break, as in " + example +
             ", and what is searched is the highest rate that keeps it";
  }
  const bool time = metric->kind == MetricKind::latency || metric->kind == MetricKind::duration;
  if (time && target.value <= 0) return "no load can meet it: nothing takes no time";
  return std::nullopt;
}

// A message waits for others so long before it is sent, save where its batch fills up.
std::optional<std::string> below_linger(const Expectation& target,
                                        const scenario::TrialPlan& trial) {
  if (target.metric != "response" && target.metric != "service" && target.metric != "end_to_end")
    return std::nullopt;
  for (const auto& workload : trial.workloads) {
    if (!workload.options.has("properties")) continue;
    const auto& properties = workload.options.properties("properties");
    const auto linger = properties.find("linger.ms");
    if (linger == properties.end()) continue;
    const auto ms = parse_number(linger->second);
    if (!ms || target.value > *ms * 1e6) continue;
    return "messages of '" + workload.name + "' wait " + linger->second +
           " ms for others before they are sent (linger.ms), so no load can meet it; lower "
           "linger.ms, or allow more than it";
  }
  return std::nullopt;
}

Result<Expectation> read(const std::string& text, const scenario::TrialPlan& trial) {
  Expectation out;
  if (const auto error = scenario::parse_that(text, out)) return Error{error->message, ""};
  out.text = text;
  if (const auto why = nobodys(out, trial)) return Error{*why, ""};
  if (const auto why = not_a_limit(out)) return Error{*why, ""};
  if (const auto why = below_linger(out, trial)) return Error{*why, ""};
  if (const auto why = scenario::undecidable(out, trial)) return Error{"it " + *why, ""};
  return out;
}

}  // namespace

Result<std::vector<Expectation>> targets_of(const std::vector<std::string>& slo,
                                            const scenario::TrialPlan& trial) {
  std::vector<Expectation> out;
  for (const auto& text : slo) {
    auto target = read(text, trial);
    if (!target) return Error{"--slo '" + text + "': " + target.error().message, ""};
    out.push_back(std::move(*target));
  }
  const bool there = std::ranges::any_of(out, [](const Expectation& target) {
    return target.metric == "acked_lost" && target.workload.empty();
  });
  if (there) return out;
  Expectation lost;
  static_cast<void>(scenario::parse_that(always, lost));
  lost.text = always;
  // Of what is never acked, nothing acked is lost.
  if (!scenario::undecidable(lost, trial)) out.push_back(std::move(lost));
  return out;
}

}  // namespace seatrial::capacity
