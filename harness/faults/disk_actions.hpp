// What faults of disks share: rules that are in force until healed and seen by their counters, and
// bringing back a node whose disk had failed. Nothing here knows which fault it is.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/disks.hpp"
#include "core/fault.hpp"
#include "core/options.hpp"
#include "faults/steps.hpp"

namespace seatrial::faults {

// The cluster's disks, or FaultIneffective: the plan has refused such clusters before.
Disks& disks_of(Cluster& cluster);

// A fault on the disks of nodes: on that of one log dir, as its option `log_dir` says, or on all
// that they have. It may end nodes: a broker that cannot use its last log dir, or the one with the
// cluster's metadata, halts.
class DiskFault : public Fault {
 public:
  explicit DiskFault(const Options& options);
  [[nodiscard]] Needs needs() const override {
    return {.gear = {Gear::disks}, .log_dir = log_dir_};
  }
  [[nodiscard]] bool silences_node() const override { return false; }

 protected:
  // Throws FaultIneffective if there are none, or a target has no such log dir.
  [[nodiscard]] std::vector<DiskId> targeted(const Disks& disks,
                                             const std::vector<NodeId>& targets) const;

 private:
  int log_dir_;  // from 1; 0: all
};

// The option that says so.
OptionSpec log_dir_option();

// " of log dir 2", where the node has several; for what is counted and told.
std::string of_log_dir(const Disks& disks, DiskId disk);

// What a fault may have had fail, and how the nodes were before.
struct TouchedDisks {
  std::vector<DiskId> disks;
  std::vector<NodeEvidence> nodes;
};

// Remembers how the targets were and says in the evidence that their disks may fail; throws
// FaultIneffective if there are none, or one is not running.
TouchedDisks begin_on_disks(Cluster& cluster, std::vector<DiskId> disks,
                            const std::vector<NodeId>& targets, Evidence& evidence);

// Of nodes that ended, as the evidence then says: mounts their disks anew where these take no
// writes, and starts them again. Of brokers with several log dirs those that have given one up are
// stopped in order and started, too, as they take none back before; how many dirs that were is
// counted. Nodes whose disks are well may yet end, or give a dir up, of what they met before: they
// are given `patience`, at most 3 s, and if they run then, left alone. Others that run are killed.
// What could not be done, a line each.
std::vector<std::string> bring_back(Cluster& cluster, TouchedDisks touched, milliseconds patience,
                                    Evidence& evidence) noexcept;

// Waits until a write to the disk meets `expected`; else throws FaultIneffective.
void await_disk_state(const Disks& disks, DiskId disk, DiskState expected, milliseconds patience,
                      const Evidence& evidence);

// One rule for each disk. It is seen once it acted on an operation, of a node with several at one
// of them: who has met it there may use the others no more.
class DiskRules {
 public:
  explicit DiskRules(DiskRule rule) : rule_(std::move(rule)) {}
  // `seen` names what the rule counts: "operations delayed".
  void add(Disks& disks, const std::vector<DiskId>& targets);
  void await_effect(const Disks& disks, const std::string& seen, milliseconds patience,
                    Evidence& evidence) const;
  // Idempotent; tells what each came to.
  std::vector<std::string> remove(Cluster& cluster, const std::string& seen,
                                  Evidence& evidence) noexcept;

 private:
  DiskRule rule_;
  std::vector<std::pair<DiskId, Disks::RuleId>> in_force_;
};

// The options `operation`, `probability`, `seed`, `log_dir` and `patience`, with a fault's own
// before them.
std::vector<OptionSpec> disk_rule_options(std::vector<OptionSpec> own,
                                          const std::string& operations);
DiskRule disk_rule(DiskRule::Effect effect, const Options& options);
OptionSpec disk_patience_option();

}  // namespace seatrial::faults
