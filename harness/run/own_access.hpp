// Where the harness's own clients dial. Of a cluster that is ours: listeners that speak plaintext,
// whatever the workloads speak to theirs, so that a client library that cannot log in fails as a
// workload and not as the cluster's readiness. Of an external one: what all clients dial, with its
// TLS and its login.
#pragma once

#include <string>

#include "core/cluster.hpp"
#include "kafka/access.hpp"

namespace seatrial::run {

// The addresses of all nodes that serve clients.
[[nodiscard]] inline kafka::Access own_access(const Cluster& cluster) {
  kafka::Access out({}, cluster.connection());
  for (const Node& node : cluster.nodes()) {
    if (!node.serves_clients()) continue;
    out.bootstrap += (out.bootstrap.empty() ? "" : ",") + node.address;
  }
  return out;
}

}  // namespace seatrial::run
