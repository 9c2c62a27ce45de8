// From the lanes' group ledgers to the history.
#include "run/groups.hpp"

#include <algorithm>

#include "kafka/consumer.hpp"

namespace seatrial::run {
namespace {

constexpr auto coordinator_budget = seconds(10);

}  // namespace

void collect_groups(Lanes& lanes, const kafka::Access& access, History& history,
                    const std::stop_token& stop) {
  for (const auto& run : lanes.workloads()) {
    if (!run.group) continue;
    const GroupHistory reported = run.group->history();
    if (reported.share) {  // its coordinator keeps no committed offsets
      history.groups.push_back(reported);
      history.groups.back().cut_short = !lanes.consumers_quiet();
      continue;
    }
    const auto held = kafka::committed_offsets(access, reported.group, reported.topic,
                                               run.group->partitions(), coordinator_budget, stop);
    if (!held) {
      lanes.lane(run.lanes.front())
          .report.notes.push_back(held.error().message +
                                  "; the last commits of its members count instead");
    }
    for (const auto& [where, offset] : held.value_or({})) {
      run.group->coordinator_holds(where.partition, offset);
    }
    history.groups.push_back(run.group->history());
  }
}

void prepare_audit(const Lanes& lanes, const History& history, ledger::Audit& audit) {
  audit.report(lanes.ledger().offsets());
  std::size_t index = 0;
  for (const auto& run : lanes.workloads()) {
    if (!run.group) continue;
    audit.watch(index, history.groups.at(index).read_committed, run.group->gaps());
    ++index;
  }
}

void confirm_ends(History& history) {
  for (GroupHistory& group : history.groups) {
    group.read_to_end = true;
    if (group.share && group.cut_short) {
      group.read_to_end = false;
      group.unread_reason = "the group was still handed messages when its members were ended";
      continue;
    }
    for (const PartitionHistory& partition : history.partitions) {
      if (partition.where.topic != group.topic) continue;
      const bool to_stable = group.read_committed && partition.last_stable_offset >= 0;
      const std::int64_t end = to_stable ? partition.last_stable_offset : partition.log_end;
      const auto read = group.read_until.find(partition.where);
      const std::int64_t until = read == group.read_until.end() ? 0 : read->second;
      if (until >= end) continue;
      group.read_to_end = false;
      group.unread_reason = "the group read " + to_string(partition.where) + " to offset " +
                            std::to_string(until) + " of " + std::to_string(end);
      break;
    }
  }
}

}  // namespace seatrial::run
