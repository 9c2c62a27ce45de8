// One member of a consumer group over librdkafka: subscribes, reads the identity of every message,
// tells first deliveries from redeliveries and records how long after its intended time each was
// handed over.
//
// It judges no order and no loss: that is the audit's. A message that carries no identity of this
// trial is counted in a note.
#pragma once

#include "client/workload.hpp"

namespace seatrial::workloads {

enum class Commit {
  automatic,         // the library's own: offsets count as done once handed over
  after_processing,  // stored when a message was handled, committed in the background
  sync,              // committed after each batch, waiting for the answer
};

struct ConsumerSettings {
  std::string group;
  Commit commit = Commit::automatic;
  nanoseconds handler{0};  // time that handling takes, per message
};

// The settings' share of the client's properties: what `properties` says wins where both may say
// something.
[[nodiscard]] std::map<std::string, std::string> consumer_properties(
    const ConsumerSettings& settings, const std::map<std::string, std::string>& properties);

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_consumer_lane(const ConsumerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
