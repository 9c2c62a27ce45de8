// One member of a consumer group over librdkafka: subscribes, reads the identity of every message,
// tells first deliveries from redeliveries and records how long after its intended time each was
// handed over.
//
// It judges no order and no loss: that is the audit's. A message that carries no identity of this
// trial is counted in a note.
#pragma once

#include "client/workload.hpp"
#include "workloads/group_client.hpp"

namespace seatrial::workloads {

struct ConsumerSettings {
  std::string group;
  Commit commit = Commit::automatic;
  nanoseconds handler{0};  // time that handling takes, per message
};

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_consumer_lane(const ConsumerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
