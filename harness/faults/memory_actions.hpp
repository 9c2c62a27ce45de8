// What faults of memory share: noting which targets the kernel's OOM killer took, and starting
// these again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "faults/machine_actions.hpp"

namespace seatrial::faults {

// The memory of some nodes while a fault has limits on it.
class Squeezed {
 public:
  // To be told before the limit of a node is set.
  void begin(Cluster& cluster, NodeId node, Instant asked);
  [[nodiscard]] const std::vector<NodeId>& nodes() const { return nodes_; }
  [[nodiscard]] const LimitCounters& before(NodeId node) const { return before_.at(node); }
  [[nodiscard]] bool oom_killed(const Limits& limits, NodeId node) const;

  // Enters a node that has ended into the evidence, once; whether it has ended.
  bool note_end(Cluster& cluster, NodeId node, Evidence& evidence);
  // What became of them: killed where the kernel took one, ended where one ended by itself.
  [[nodiscard]] FaultEffect effect() const { return effect_; }

  // Takes the limits back, and starts again who ended.
  std::vector<std::string> heal(Cluster& cluster, Evidence& evidence) noexcept;

 private:
  void relieve(Cluster& cluster, NodeId node, Evidence& evidence);

  std::vector<NodeId> nodes_;
  std::map<NodeId, LimitCounters> before_;
  std::map<NodeId, NodeEvidence> states_;
  FaultEffect effect_ = FaultEffect::none;
};

}  // namespace seatrial::faults
