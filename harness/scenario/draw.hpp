// Everything that the seed decides, by functions whose results are the same on every platform.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ids.hpp"
#include "core/target.hpp"
#include "core/time.hpp"

namespace seatrial::scenario {

// The n-th seed derived from `seed`: SplitMix64's output function on seed + (n + 1) * 2^64 / phi.
// Trials take n = their index; within a trial, faults take n = their position in the timeline.
[[nodiscard]] std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t n);

// The nodes of a target that does not depend on the cluster's state, ascending; none for the
// others.
//   one: 1 broker    minority: the most that are less than half    majority: the least that are
//   more
[[nodiscard]] std::vector<NodeId> draw_nodes(const Target& target, int brokers, std::uint64_t seed);

// How many brokers `draw_nodes` hits; 0 for targets that depend on the cluster's state.
[[nodiscard]] int drawn_count(const Target& target, int brokers);

// Whole milliseconds from 0 to below `most`, all alike.
[[nodiscard]] nanoseconds draw_up_to(nanoseconds most, std::uint64_t seed);

}  // namespace seatrial::scenario
