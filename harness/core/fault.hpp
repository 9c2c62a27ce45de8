// A fault is an action on targets, proved by evidence. One action per file under faults/.
//
// `inject` returns only when the effect was seen, and throws FaultIneffective when it was not: a
// fault that did nothing makes a trial INVALID, never green. `heal` undoes it, is idempotent, and
// must not throw; what it could not undo it returns, for the journal. Called from the timeline's
// thread only.
#pragma once

#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial {

struct FaultIneffective : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What happened to one node, read back from the system rather than assumed.
struct NodeEvidence {
  NodeId node;
  Instant asked;  // when the action was requested
  Instant seen;   // when its effect was first observed
  ProcessState before;
  ProcessState after;
  Instant undone{};  // when heal's effect was observed; epoch if not (yet)
};

struct Evidence {
  std::vector<NodeEvidence> nodes;
  std::stop_token stop;  // of the run: what an effect is then still waited for is a few seconds
};

class Fault {
 public:
  virtual ~Fault() = default;
  virtual void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence& evidence) = 0;
  [[nodiscard]] virtual std::vector<std::string> heal(Cluster& cluster,
                                                      Evidence& evidence) noexcept = 0;
  // Whether the targets are gone from the cluster while the fault lasts (their sessions end), which
  // lets `plan` warn of a heal that comes too early to matter.
  [[nodiscard]] virtual bool silences_node() const { return true; }
};

}  // namespace seatrial
