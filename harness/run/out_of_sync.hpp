// For how long a partition lacked replicas in its ISR, from what the watch saw change.
#pragma once

#include <map>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "kafka/cluster_state.hpp"

namespace seatrial::run {

// The longest such time of each partition that ever lacked one. `changes` in the order of time;
// what was not complete at the end is taken to be so at `complete`.
[[nodiscard]] std::map<TopicPartition, nanoseconds> longest_out_of_sync(
    const std::vector<kafka::Change>& changes, Instant complete);

}  // namespace seatrial::run
