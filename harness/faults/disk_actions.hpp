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

// A fault on the disks of nodes, which may end these: a broker that cannot use its only folder of
// data halts.
class DiskFault : public Fault {
 public:
  [[nodiscard]] Needs needs() const override { return {.gear = {Gear::disks}}; }
  [[nodiscard]] bool silences_node() const override { return false; }
};

// Remembers how the targets were and says in the evidence that their disks may fail; throws
// FaultIneffective if there are none, or one is not running.
std::vector<NodeEvidence> begin_on_disks(Cluster& cluster, const std::vector<NodeId>& targets,
                                         Evidence& evidence);

// Of nodes that ended, as the evidence then says: mounts their disks anew where these take no
// writes, and starts them again. Nodes whose disks are well may yet end of what they met before:
// they are given `patience`, at most 3 s, and if they run then, left alone. Others that run are
// killed. What could not be done, a line each.
std::vector<std::string> bring_back(Cluster& cluster, std::vector<NodeEvidence> touched,
                                    milliseconds patience, Evidence& evidence) noexcept;

// Waits until a write to the node's disk meets `expected`; else throws FaultIneffective.
void await_disk_state(const Disks& disks, NodeId node, DiskState expected, milliseconds patience,
                      const Evidence& evidence);

// One rule for each target, seen once it acted on an operation.
class DiskRules {
 public:
  explicit DiskRules(DiskRule rule) : rule_(std::move(rule)) {}
  // `seen` names what the rule counts: "operations delayed".
  void add(Disks& disks, const std::vector<NodeId>& targets);
  void await_effect(const Disks& disks, const std::string& seen, milliseconds patience,
                    Evidence& evidence) const;
  // Idempotent; tells what each came to.
  std::vector<std::string> remove(Cluster& cluster, const std::string& seen,
                                  Evidence& evidence) noexcept;

 private:
  DiskRule rule_;
  std::vector<std::pair<NodeId, Disks::RuleId>> in_force_;
};

// The options `operation`, `probability`, `seed` and `patience`, with a fault's own before them.
std::vector<OptionSpec> disk_rule_options(std::vector<OptionSpec> own,
                                          const std::string& operations);
DiskRule disk_rule(DiskRule::Effect effect, const Options& options);
OptionSpec disk_patience_option();

}  // namespace seatrial::faults
