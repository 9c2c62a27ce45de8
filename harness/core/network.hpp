// What passes between a cluster's nodes and everybody who talks to them, where the cluster kind
// lets it be seen and held up: the counterpart of Processes for faults of the network. Thread-safe.
// Every call throws InfrastructureError if it could not be carried out; that it had its effect is
// read back from the counters, never assumed.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial {

// Since the cluster is up. Only ever rises.
struct LinkCounters {
  std::uint64_t bytes_in = 0, bytes_out = 0;  // as the node sees them
  std::uint64_t bytes_held = 0;               // that came and were not passed on, or later
  std::uint64_t connections_refused = 0, connections_cut = 0;
};

class Network {
 public:
  enum class Way { in, out, both };  // as the node sees it
  virtual ~Network() = default;
  [[nodiscard]] virtual LinkCounters counters(NodeId node) const = 0;
  // Nothing passes between the node and `others` (none named: anybody) in that way, and no bytes
  // that are under way are lost: they pass when the cut ends. Idempotent.
  virtual void cut(NodeId node, const std::vector<NodeId>& others, Way way) = 0;
  // What passes is held for `by` each way, in order.
  virtual void delay(NodeId node, nanoseconds by) = 0;
  // At most so many bytes a second each way.
  virtual void limit(NodeId node, std::uint64_t bytes_per_s) = 0;
  // Ends all of the above for the node. Idempotent.
  virtual void restore(NodeId node) = 0;
};

}  // namespace seatrial
