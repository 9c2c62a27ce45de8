// Workloads beside each other: by their topics, and by when their members come and go.
#include <algorithm>
#include <string>

#include "core/units.hpp"
#include "scenario/readers.hpp"
#include "scenario/sections.hpp"

namespace seatrial::scenario {
namespace {

std::string option_of(const WorkloadRead& read, const char* name) {
  return read.plan.options.has(name) ? read.plan.options.text(name) : "";
}

// Keys of another writer, or a copy of its own, would be taken for values that were lost.
void check_sole_writer(const Node& node, const WorkloadRead& read,
                       const std::vector<WorkloadRead>& all, ReadContext& context) {
  for (const WorkloadRead& other : all) {
    if (&other == &read || other.produces != true) continue;
    if (option_of(other, "topic") != option_of(read, "topic")) continue;
    context.problems.add(place_of(node, "topic"),
                         "workload '" + read.plan.name + "': topic: '" + other.plan.name +
                             "' writes to '" + option_of(read, "topic") +
                             "', too, and workloads of kind compacted must be the only writer; "
                             "give one of them a topic of its own");
    return;
  }
}

void check_compacts(const Node& node, const WorkloadRead& read, const TrialPlan& trial,
                    ReadContext& context) {
  const auto topic = std::ranges::find(trial.topics, option_of(read, "topic"), &TopicPlan::name);
  if (topic == trial.topics.end()) return;
  const auto policy = topic->config.find("cleanup.policy");
  if (policy != topic->config.end() && policy->second.find("compact") != std::string::npos) return;
  context.warnings.add(place_of(node, "topic"),
                       "workload '" + read.plan.name + "': topic '" + topic->name +
                           "' is not compacted; give it cleanup.policy: compact in its config");
}

// Topics are new in each trial.
void check_written(const Node& node, const WorkloadRead& read, const std::vector<WorkloadRead>& all,
                   ReadContext& context) {
  const char* option = read.produces == true ? "input" : "topic";
  const std::string topic = option_of(read, option);
  if (topic.empty()) return;
  const bool written = std::ranges::any_of(all, [&](const WorkloadRead& other) {
    return other.produces != false && option_of(other, "topic") == topic;
  });
  if (written) return;
  context.warnings.add(place_of(node, option), "workload '" + read.plan.name +
                                                   "': nobody writes to topic '" + topic +
                                                   "', so there is nothing to read");
}

void check_members(const Node& node, const WorkloadRead& read, nanoseconds measure,
                   ReadContext& context) {
  for (std::size_t i = 0; i < read.members.size(); ++i) {
    const auto check = [&](const char* option, const std::optional<nanoseconds>& at) {
      if (!at || *at < measure) return;
      context.problems.add(place_of(node, option),
                           "workload '" + read.plan.name + "': " + option + ": member " +
                               std::to_string(i + 1) + " would at " + format_duration(*at) +
                               ", and measure lasts " + format_duration(measure));
    };
    check("join", read.members[i].joins);
    check("leave", read.members[i].leaves);
  }
}

}  // namespace

void check_company(const Node& workloads, const TrialPlan& trial,
                   const std::vector<WorkloadRead>& read, ReadContext& context) {
  for (const WorkloadRead& one : read) {
    const auto* entry = workloads.find(one.plan.name);
    if (entry == nullptr || !one.produces) continue;  // its own problems are told
    if (one.plan.kind == "compacted") {
      check_sole_writer(entry->value, one, read, context);
      check_compacts(entry->value, one, trial, context);
    }
    check_written(entry->value, one, read, context);
    check_members(entry->value, one, trial.phases.measure, context);
  }
}

}  // namespace seatrial::scenario
