// Where the harness's own clients dial: listeners that speak plaintext, whatever the workloads
// speak to theirs. So a client library that cannot log in fails as a workload and not as the
// cluster's readiness, and the audit reads record batches by wire.
#pragma once

#include <string>

#include "core/cluster.hpp"

namespace seatrial::run {

// The addresses of all nodes that serve clients, as bootstrap.servers takes them.
[[nodiscard]] inline std::string plain_bootstrap(const Cluster& cluster) {
  std::string joined;
  for (const Node& node : cluster.nodes()) {
    if (node.serves_clients()) joined += (joined.empty() ? "" : ",") + node.address;
  }
  return joined;
}

}  // namespace seatrial::run
