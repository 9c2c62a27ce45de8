// By the options that name topics and groups: `topic`, `input`, `group`.
#include "run/names.hpp"

#include <algorithm>

#include "client/workload.hpp"
#include "core/check.hpp"
#include "core/names.hpp"
#include "core/registry.hpp"
#include "run/readiness.hpp"

namespace seatrial::run {
namespace {

// Whether the workload's clients are members of a group, whose name is an option.
bool joins_group(const Plugin<Workload>& plugin, const scenario::WorkloadPlan& plan) {
  const bool named =
      std::ranges::find(plugin.options, "group", &OptionSpec::name) != plugin.options.end();
  if (!named) return false;
  return plan.options.has("input") || !plugin.make(plan.options)->traits().produces;
}

void name_for_run(scenario::WorkloadPlan& plan, const std::string& prefix) {
  const auto* plugin = Registry<Workload>::instance().find(plan.kind);
  check(plugin != nullptr, "the plan's workloads are registered");
  auto raw = plan.options.all();
  if (joins_group(*plugin, plan)) {
    const auto& group = plan.options.has("group") ? plan.options.text("group") : plan.name;
    raw["group"] = {.text = prefix + group, .entries = {}};
  }
  for (const char* option : {"topic", "input"}) {
    if (plan.options.has(option))
      raw[option] = {.text = prefix + plan.options.text(option), .entries = {}};
  }
  std::vector<OptionProblem> problems;
  const std::string folder = plan.options.folder();
  plan.options = Options::check(plugin->options, raw, problems);
  plan.options.set_folder(folder);
  if (!problems.empty())
    throw UsageError("workload '" + plan.name +
                     "' on a shared cluster: " + problems.front().message);
}

}  // namespace

scenario::TrialPlan with_prefix(scenario::TrialPlan trial, const std::string& prefix) {
  trial.prefix = prefix;
  for (auto& topic : trial.topics) {
    topic.name = prefix + topic.name;
    if (topic.name.size() > longest_kafka_name) {
      throw UsageError("topic '" + topic.name + "' is longer than the " +
                       std::to_string(longest_kafka_name) +
                       " characters that Kafka takes: shorten its name, or the scenario's");
    }
  }
  for (auto& workload : trial.workloads) name_for_run(workload, prefix);
  return trial;
}

std::vector<std::string> names_of_topics(const scenario::TrialPlan& trial) {
  std::vector<std::string> out;
  if (trial.prefix.empty()) return out;
  for (const auto& topic : trial.topics) out.push_back(topic.name);
  out.push_back(canary_name(trial.prefix));
  out.push_back(trial.prefix + "preflight");
  return out;
}

std::vector<std::string> names_of_groups(const scenario::TrialPlan& trial) {
  std::vector<std::string> out;
  if (trial.prefix.empty()) return out;
  for (const auto& plan : trial.workloads) {
    const auto* plugin = Registry<Workload>::instance().find(plan.kind);
    if (plugin != nullptr && joins_group(*plugin, plan)) out.push_back(plan.options.text("group"));
  }
  out.push_back(canary_name(trial.prefix));
  out.push_back(trial.prefix + "preflight");
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());  // members of one group
  return out;
}

}  // namespace seatrial::run
