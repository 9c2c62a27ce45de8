// What faults of a node's share of the machine and of its clock have in common.
#pragma once

#include <string_view>
#include <vector>

#include "core/clocks.hpp"
#include "core/fault.hpp"
#include "core/limits.hpp"
#include "core/target.hpp"
#include "faults/steps.hpp"

namespace seatrial::faults {

// One that leaves its targets in the cluster, where they run on.
class MachineFault : public Fault {
 public:
  explicit MachineFault(Gear gear) : gear_(gear) {}
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  [[nodiscard]] Needs needs() const override { return {.gear = {gear_}}; }
  [[nodiscard]] bool silences_node() const override { return false; }

 private:
  Gear gear_;
};

// The cluster's, or FaultIneffective: the plan has refused such clusters before.
Limits& limits_of(Cluster& cluster);
Clocks& clocks_of(Cluster& cluster);

// Throws FaultIneffective if there is no target, or one that does not run.
void require_running(Cluster& cluster, const std::vector<NodeId>& targets);

// Between two looks, for what a process has to be asked.
inline constexpr milliseconds seldom{50};

// What is written as a duration, with or without a sign: 1h, +1h, -30s.
Result<nanoseconds> parse_signed_duration(std::string_view text);

}  // namespace seatrial::faults
