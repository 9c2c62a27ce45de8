// The steps that faults on clients share. They act on members of groups, whose processes live on:
// such a fault asks (core/clients.hpp), and reads back what the client says of itself.
#pragma once

#include <map>
#include <vector>

#include "core/clients.hpp"
#include "core/fault.hpp"

namespace seatrial::faults {

class OnClients : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  [[nodiscard]] bool silences_node() const override { return false; }
  [[nodiscard]] Needs needs() const override { return {.members = true}; }

 protected:
  // By the client that it was asked of.
  using Asked = std::map<NodeId, ClientConduct*>;
  // Of clients whose processes run; throws FaultIneffective where one does not.
  [[nodiscard]] static Asked ask_of(Cluster& cluster, const std::vector<NodeId>& targets);
};

}  // namespace seatrial::faults
