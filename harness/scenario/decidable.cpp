// By what the workloads offer, and by what their kinds, topics and settings can yield.
#include "scenario/decidable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "client/workload.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"
#include "scenario/expectation.hpp"
#include "scenario/needs.hpp"

namespace seatrial::scenario {
namespace {

struct Load {
  const WorkloadPlan& plan;
  std::unique_ptr<Workload> workload;
};

std::vector<Load> loads_of(const TrialPlan& trial) {
  std::vector<Load> out;
  for (const auto& plan : trial.workloads) {
    const auto* plugin = Registry<Workload>::instance().find(plan.kind);
    if (plugin != nullptr) out.push_back({plan, plugin->make(plan.options)});
  }
  return out;
}

std::string topic_of(const Load& load) {
  return load.plan.options.has("topic") ? load.plan.options.text("topic") : "";
}

bool compacts(const TrialPlan& trial, const Load& load) {
  return std::ranges::any_of(trial.topics, [&](const TopicPlan& topic) {
    const auto policy = topic.config.find("cleanup.policy");
    return topic.name == topic_of(load) && policy != topic.config.end() &&
           policy->second.find("compact") != std::string::npos;
  });
}

bool gets_acks(const TrialPlan& /*trial*/, const Load& load) {
  const auto properties = load.plan.client_library.empty() ? load.workload->client_properties()
                                                           : load.plan.client_properties;
  const auto acks = properties.find("acks");
  return acks == properties.end() || acks->second != "0";
}

bool gets_no_acks(const TrialPlan& trial, const Load& load) { return !gets_acks(trial, load); }

bool has_members(const TrialPlan& /*trial*/, const Load& load) {
  return load.workload->traits().has_members;
}

bool has_order(const TrialPlan& /*trial*/, const Load& load) {
  return !load.workload->traits().shares;
}

bool owns(const TrialPlan& trial, const Load& load) {
  return has_members(trial, load) && has_order(trial, load);
}

bool has_transactions(const TrialPlan& /*trial*/, const Load& load) {
  return load.plan.kind == "transactional";
}

bool beside_transactions(const TrialPlan& trial, const Load& /*load*/) {
  return std::ranges::any_of(trial.workloads,
                             [](const WorkloadPlan& plan) { return plan.kind == "transactional"; });
}

bool expires(const TrialPlan& trial, const Load& load) {
  const auto sets = [](const std::map<std::string, std::string>& config) {
    return std::ranges::any_of(config, [](const auto& entry) {
      return entry.first.find("retention.") != std::string::npos;
    });
  };
  return sets(trial.cluster.config) || std::ranges::any_of(trial.topics, [&](const auto& topic) {
           return topic.name == topic_of(load) && sets(topic.config);
         });
}

bool has_keys(const TrialPlan& /*trial*/, const Load& load) {
  return load.plan.kind == "compacted";
}

// What a need is met by in a workload that the metric is of. Without that the metric is unknown or,
// of what can only be found where it can happen, 0.
struct Rule {
  bool (*met)(const TrialPlan& trial, const Load& load);
  std::string_view otherwise;
  bool zero = false;
};

// Why an expectation need not wait for its trial.
struct Doubt {
  std::string_view what = "cannot be decided";
  std::string why;
};

Doubt settled(const Expectation& e, bool holds, std::string why) {
  const std::string_view what = holds ? "holds whatever happens" : "can never hold";
  return {.what = e.control && holds ? "shows nothing, as it holds whatever happens" : what,
          .why = std::move(why)};
}

// Nothing of what every workload has, and of what the cluster decides (`unanswerable`).
std::optional<Rule> rule_of(Need need) {
  constexpr std::string_view no_transactions =
      "only workloads of kind transactional have transactions";
  switch (need) {
    case Need::nothing:
    case Need::processes:
    case Need::jmx: break;
    case Need::acks: return Rule{gets_acks, "with acks=0 nothing is acked"};
    case Need::no_acks:
      return Rule{gets_no_acks, "only with acks=0 are messages sent without an ack", true};
    case Need::members: return Rule{has_members, "only groups have members"};
    case Need::ownership: return Rule{owns, "only groups' members own partitions"};
    case Need::order: return Rule{has_order, "share groups have neither order nor offsets"};
    case Need::transactions: return Rule{has_transactions, no_transactions};
    case Need::transactions_beside: return Rule{beside_transactions, no_transactions, true};
    case Need::keys: return Rule{has_keys, "only workloads of kind compacted have keys to follow"};
    case Need::compaction: return Rule{compacts, "the topic is not compacted"};
    case Need::retention:
      return Rule{
          expires,
          "neither the topic nor cluster.config sets a retention, and Kafka's own is a week", true};
  }
  return std::nullopt;
}

bool covers(const Expectation& e, const Load& load) {
  const auto side = find_metric(e.metric)->side;
  const bool consumed = side == MetricSide::consumed;
  return (e.workload.empty() || e.workload == load.plan.name) &&
         load.workload->traits().produces != consumed;
}

// Latencies are the worst workload's, so one without them is enough; else it takes one that has it.
std::optional<Doubt> without(const Expectation& e, const TrialPlan& trial,
                             const std::vector<Load>& loads) {
  const bool all = find_metric(e.metric)->kind == MetricKind::latency;
  const auto rule = rule_of(find_metric(e.metric)->needs);
  if (!rule) return std::nullopt;
  std::size_t covered = 0, met = 0;
  for (const Load& load : loads) {
    if (!covers(e, load)) continue;
    ++covered;
    met += rule->met(trial, load) ? 1U : 0U;
  }
  if (covered == 0 || (all ? met == covered : met > 0)) return std::nullopt;
  const std::string why(rule->otherwise);
  return rule->zero ? settled(e, holds(e.comparison, 0, e.value), why) : Doubt{.why = why};
}

// What brokers are asked for, and these cannot tell.
std::optional<std::string> unanswerable(const Expectation& e, const ClusterSpec& cluster) {
  const Need need = find_metric(e.metric)->needs;
  const bool jmx = need == Need::jmx;
  if (!jmx && need != Need::processes) return std::nullopt;
  if (cluster.kind == "mock") return "the mock has no processes to ask";
  if (cluster.kind == "external") return "an external cluster's processes are not ours to ask";
  if (jmx && cluster.kind == "compose") return "brokers in containers are not asked for it";
  if (jmx && !cluster.broker_metrics) return "broker_metrics is off";
  return std::nullopt;
}

// Samples of the metric that measure can yield at most; nothing if a closed loop decides.
std::optional<double> samples_of(const Expectation& e, const TrialPlan& trial, const Load& load,
                                 const std::vector<Load>& loads) {
  if (find_metric(e.metric)->side != MetricSide::consumed)
    return messages_in_measure(trial, load.plan);
  double sum = 0;
  for (const Load& producer : loads) {
    if (!producer.workload->traits().produces || topic_of(producer) != topic_of(load)) continue;
    const auto own = messages_in_measure(trial, producer.plan);
    if (!own) return std::nullopt;
    sum += *own;
  }
  return sum;
}

std::optional<std::string> too_few(const Expectation& e, const TrialPlan& trial,
                                   const std::vector<Load>& loads) {
  if (find_metric(e.metric)->kind != MetricKind::latency) return std::nullopt;
  const auto percentile = percentile_of(e.function);
  const auto needed = percentile ? samples_needed(*percentile) : 1;
  for (const Load& load : loads) {
    if (!covers(e, load)) continue;
    const auto most = samples_of(e, trial, load, loads);
    if (!most || *most >= static_cast<double>(needed)) continue;
    const auto there = static_cast<std::uint64_t>(*most);
    if (there == 0) return "no message of '" + load.plan.name + "' falls due within measure";
    const auto factor = static_cast<double>(needed) / *most;
    return fmt::format(
        "it needs {} messages in measure{}, and of '{}' there are {} at most: so only the maximum, "
        "or a percentile below, can decide it; measure for {} or offer more",
        format_count(needed), e.outside_faults ? " outside faults" : "", load.plan.name,
        format_count(there),
        format_duration(seconds(
            static_cast<std::int64_t>(std::ceil(factor * to_seconds(trial.phases.measure))))));
  }
  return std::nullopt;
}

// By what the metric's kind can be at all.
std::optional<Doubt> beyond_range(const Expectation& e) {
  const bool share = find_metric(e.metric)->kind == MetricKind::share && e.metric != "broker_cpu";
  const double most = share ? 1 : std::numeric_limits<double>::infinity();
  const auto within = [&](double value) { return holds(e.comparison, value, e.value); };
  // Of a comparison with one number, the ends and that number with its neighbours tell all.
  std::vector<double> probes{0, most};
  for (const double near : {e.value - 0.5, e.value, e.value + 0.5}) {
    if (near >= 0 && near <= most) probes.push_back(near);
  }
  const auto held = std::ranges::count_if(probes, within);
  if (held != 0 && held != std::ssize(probes)) return std::nullopt;
  return settled(e, held != 0, share ? "it lies between 0 and 1" : "it is never below 0");
}

// Two halves of two seconds, and the second that has just ended (judge/steady.hpp).
constexpr auto shortest_steady = seconds(5);

std::optional<std::string> never_steady(const Expectation& e, const TrialPlan& trial) {
  const nanoseconds most = trial.phases.warmup.at_most;
  if (find_metric(e.metric)->kind != MetricKind::latency || most >= shortest_steady)
    return std::nullopt;
  return "a warm-up of " + format_duration(most) +
         " at most is too short to see a steady load; give it " + format_duration(shortest_steady) +
         " or more";
}

// What happened to it before measure is no evidence of what measure would have shown.
std::optional<std::string> idle(const Expectation& e, const TrialPlan& trial,
                                const std::vector<Load>& loads) {
  for (const Load& load : loads) {
    if (e.workload != load.plan.name || !load.workload->traits().produces) continue;
    const auto messages = messages_in_measure(trial, load.plan);
    if (messages && *messages < 1)
      return "no message of '" + load.plan.name + "' falls due within measure";
  }
  return std::nullopt;
}

std::optional<Doubt> doubt_of(const Expectation& e, const TrialPlan& trial) {
  if (auto settled_by_kind = beyond_range(e)) return settled_by_kind;
  const auto loads = loads_of(trial);
  if (auto lacking = without(e, trial, loads)) return lacking;
  auto why = unanswerable(e, trial.cluster);
  if (!why) why = idle(e, trial, loads);
  if (!why) why = too_few(e, trial, loads);
  if (!why) why = never_steady(e, trial);
  if (!why) return std::nullopt;
  return Doubt{.why = std::move(*why)};
}

std::optional<std::string> nothing_tested(const TrialPlan& trial) {
  bool produces = false;
  for (const Load& load : loads_of(trial)) {
    if (!load.workload->traits().produces) continue;
    const auto messages = messages_in_measure(trial, load.plan);
    if (!messages || *messages >= 1) return std::nullopt;
    produces = true;
  }
  return produces ? "no message falls due within measure: the load ends before it, or its rate is "
                    "too low for it"
                  : "none produces, and every trial's topics are new: there is nothing to read";
}

}  // namespace

std::optional<std::string> undecidable(const Expectation& expectation, const TrialPlan& trial) {
  const auto doubt = doubt_of(expectation, trial);
  if (!doubt) return std::nullopt;
  return std::string(doubt->what) + ": " + doubt->why;
}

void warn_of_nothing_tested(const Plan& plan, Place workloads, Problems& warnings) {
  for (const TrialPlan& trial : plan.trials) {
    const auto why = trial.repeat == 0 ? nothing_tested(trial) : std::nullopt;
    if (!why) continue;
    const std::string where = plan.axes.empty() ? "" : " in " + trial.variant;
    warnings.add(workloads, "workloads: the trial will be invalid" + where + ": " + *why);
    return;
  }
}

void warn_of_undecidable(const Plan& plan, Problems& warnings) {
  for (const Expectation& e : plan.expectations) {
    for (const TrialPlan& trial : plan.trials) {
      if (trial.repeat != 0 || !covers(e, trial.axes)) continue;
      const auto doubt = doubt_of(e, trial);
      if (!doubt) continue;
      const std::string where = plan.axes.empty() ? "" : " in " + trial.variant;
      warnings.add({0, e.line, e.column},
                   fmt::format("expect: '{}' {}{}: {}", e.text, doubt->what, where, doubt->why));
      break;  // the other variants have the same remedy
    }
  }
}

}  // namespace seatrial::scenario
