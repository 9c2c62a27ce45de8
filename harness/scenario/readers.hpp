// The parts of a scenario, read for one point of the matrix. Each reader tells all its problems and
// returns what could be used; only if no problem was told is the whole of it valid.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/workload.hpp"
#include "core/fault.hpp"
#include "scenario/document.hpp"
#include "scenario/plan.hpp"
#include "scenario/scenario.hpp"

namespace seatrial::scenario {

// What a reader looks at beside its own part.
struct ReadContext {
  const KnownProperties& names;
  Problems& problems;
  Problems& warnings;
  const AskLibrary& ask_library;
  std::string folder;  // the scenario's, where paths in options start
  const Environment& environment;
  std::vector<std::string>& secrets;  // out: what files brought that must not be shown
};

ClusterSpec read_cluster(const Node& cluster, ReadContext& context);
// Of `kind: external`: where it is and how to connect, of which a file is read. Of other kinds
// these keys are refused.
void read_external(const Node& cluster, const Options& options, ClusterSpec& out,
                   ReadContext& context);
// A workload with what an external cluster's connection adds to its `properties:`; what the
// scenario says itself stays.
[[nodiscard]] Node with_connection(Node workload, const ClusterSpec& cluster);
std::vector<TopicPlan> read_topics(const Node& topics, const ClusterSpec& cluster,
                                   ReadContext& context);
bool read_full_history(const Node& history, ReadContext& context);
std::vector<std::string> read_allowed_lines(const Node& list, ReadContext& context);
PhasesPlan read_phases(const Node& phases, ReadContext& context);

// A workload and what its plug-in says of it.
struct WorkloadRead {
  WorkloadPlan plan;
  std::optional<bool> produces;  // unknown if it could not be made
  std::vector<MemberSpan> members{};  // lanes that are processes of their own: targets of faults
  std::map<std::string, std::string> client_properties{};  // in force
};
std::vector<WorkloadRead> read_workloads(const Node& workloads, const ClusterSpec& cluster,
                                         const std::vector<TopicPlan>& topics,
                                         ReadContext& context);

// Warns of messages that the client or the brokers will refuse for their size. `properties`: the
// client's, in force.
void check_message_size(const Node& node, const WorkloadPlan& plan, const ClusterSpec& cluster,
                        const std::vector<TopicPlan>& topics,
                        const std::map<std::string, std::string>& properties, ReadContext& context);

// What the workloads of a trial mean for each other and for measure: who else writes to a topic
// that one must have for itself, who reads what nobody writes, which members never come or go.
void check_company(const Node& workloads, const TrialPlan& trial,
                   const std::vector<WorkloadRead>& read, ReadContext& context);

// Checks a map of Kafka's properties by their definitions, and leaves in `values` what Kafka is
// given. `known` may be empty: then only what the harness itself reads is checked.
void read_kafka_properties(const Node& map, const std::vector<PropertyDefinition>& known,
                           const std::string& what, std::map<std::string, std::string>& values,
                           ReadContext& context);

// When `every:` strikes: at first, and then after each `every`, up to `jitter` later; until `end`.
struct Repetition {
  nanoseconds every{0}, first{0}, jitter{0}, end{0};
};
// A fault of the timeline, with what judging it again needs once its nodes are drawn.
struct FaultRead {
  FaultPlan plan;
  Place place;
  std::uint64_t position = 0;          // in the file; decides what it draws
  std::uint64_t seed = 0;              // of its draws, once the trial's is known
  std::optional<nanoseconds> until;    // when it ends, for triggers in time
  std::optional<Repetition> again{};
  Fault::Needs needs{};
};
// What the rest of the trial means for a fault.
struct FaultSetting {
  const ClusterSpec& cluster;
  const std::vector<TopicPlan>& topics;
  const PhasesPlan& phases;
  const std::vector<WorkloadRead>& workloads;
};
// In the plan's order: by time, then those that wait for something.
std::vector<FaultRead> read_timeline(const Node& timeline, const FaultSetting& setting,
                                     ReadContext& context);
// Draws the faults' nodes for a trial, and tells of faults that would hold the same node at once.
std::vector<FaultPlan> draw_timeline(const std::vector<FaultRead>& faults, int brokers,
                                     std::uint64_t trial_seed, Problems& problems);

}  // namespace seatrial::scenario
