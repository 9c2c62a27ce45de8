// One member of a share group (KIP-932) that lives in a process of its own: it takes what the
// brokers give it, processes one message after the other, and acknowledges each. Everything it does
// it tells through its link, so that a harness knows it even if the member is killed.
//
// A message counts as delivered when its processing begins; it was told before. What was given to
// the member, but lay behind it in the batch when the member died, was not delivered. The library
// tells no member what it was assigned: it counts as taking part once a first poll came back.
#pragma once

#include <map>
#include <string>

#include "client/workload.hpp"

namespace seatrial::workloads {

struct ShareSettings {
  std::string group;
  bool explicitly = false;  // each message once processed; else the whole batch, by the next poll
  nanoseconds handler{0};   // time that processing takes, per message
  int batch = 100;          // messages taken at once; the library may exceed it
  nanoseconds lock{std::chrono::seconds(2)};  // until what is not acknowledged is given to others
  nanoseconds session{std::chrono::seconds(6)};  // of silence, until a member is out
};

// The settings' share of the client's properties, and what brokers keep for the group.
[[nodiscard]] std::map<std::string, std::string> share_properties(
    const ShareSettings& settings, const std::map<std::string, std::string>& properties);
[[nodiscard]] std::map<std::string, std::string> share_group_config(const ShareSettings& settings);

// Configures the group before it joins. Throws InfrastructureError if brokers refuse that, or no
// client can be made of the lane's properties.
LaneReport run_share_lane(const ShareSettings& settings, LaneContext& lane,
                          const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
