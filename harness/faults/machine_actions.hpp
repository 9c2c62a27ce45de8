// What faults of a node's share of the machine and of its clock have in common: looking until an
// effect is there, and undoing it node by node.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/clocks.hpp"
#include "core/fault.hpp"
#include "core/limits.hpp"
#include "core/options.hpp"
#include "core/target.hpp"

namespace seatrial::faults {

// The cluster's, or FaultIneffective: the plan has refused such clusters before.
Limits& limits_of(Cluster& cluster);
Clocks& clocks_of(Cluster& cluster);

// Throws FaultIneffective if there is no target, or one that does not run.
void require_running(Cluster& cluster, const std::vector<NodeId>& targets);

// Looks again and again, as often as told; whether it came within the budget. From a stop of the
// run on, one more look and no more.
bool await_that(const std::function<bool()>& came, milliseconds budget, const std::stop_token& stop,
                milliseconds every = milliseconds(1));
// For what a process has to be asked.
inline constexpr milliseconds seldom{50};

void count(Evidence& evidence, NodeId node, const std::string& kind, double value,
           const std::string& unit = "");

// Does the step for each; what went wrong, a line for each node that it went wrong with.
std::vector<std::string> for_each_node(const std::vector<NodeId>& nodes,
                                       const std::function<void(NodeId)>& step) noexcept;

OptionSpec seen_within_option();
milliseconds seen_within(const Options& options);

// What is written as a duration, with or without a sign: 1h, +1h, -30s.
Result<nanoseconds> parse_signed_duration(std::string_view text);

}  // namespace seatrial::faults
