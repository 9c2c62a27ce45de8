// One member of a consumer group that lives in a process of its own: it takes messages in batches,
// processes them one after the other, and commits before or after that. Everything it does it tells
// through its link, so that a harness knows it even if the member is killed.
//
// A message counts as delivered when its processing begins; it was told before. What was polled,
// but lay behind it in the batch when the member died, was not delivered. When partitions are taken
// away, the batch at hand is finished first, as applications do that mean well.
#pragma once

#include "client/workload.hpp"
#include "workloads/group_client.hpp"

namespace seatrial::workloads {

enum class Assignment {
  eager,        // range, or round robin: everybody gives up everything at each rebalance
  cooperative,  // cooperative-sticky: only what moves is given up
  consumer,     // the brokers assign (KIP-848)
};

struct GroupSettings {
  std::string group;
  Commit commit = Commit::automatic;
  Assignment assignment = Assignment::eager;
  nanoseconds handler{0};  // time that processing takes, per message
  int batch = 100;         // messages taken at once
  nanoseconds session{std::chrono::seconds(6)};
};

// The settings' share of the client's properties: what `properties` says wins where both may say
// something.
[[nodiscard]] std::map<std::string, std::string> group_properties(
    const GroupSettings& settings, const std::map<std::string, std::string>& properties);

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_group_lane(const GroupSettings& settings, LaneContext& lane,
                          const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
