// From the lanes' group ledgers to the history.
#include "run/groups.hpp"

#include "kafka/consumer.hpp"

namespace seatrial::run {
namespace {

constexpr auto coordinator_budget = seconds(10);

}  // namespace

void collect_groups(Lanes& lanes, const std::string& bootstrap, History& history) {
  for (const auto& run : lanes.workloads()) {
    if (!run.group) continue;
    const GroupHistory told = run.group->history();
    const auto held = kafka::committed_offsets(bootstrap, told.group, told.topic,
                                               run.group->partitions(), coordinator_budget);
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
  audit.tell(lanes.ledger().offsets());
  std::size_t index = 0;
  for (const auto& run : lanes.workloads()) {
    if (!run.group) continue;
    audit.watch(index, history.groups.at(index).read_committed, run.group->gaps());
    ++index;
  }
}

}  // namespace seatrial::run
