// Whom a fault hits, decided at the moment of injection from what the brokers say then.
#pragma once

#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/target.hpp"
#include "kafka/watch.hpp"

namespace seatrial::run {

// `drawn`: the nodes that the plan fixed for targets that do not depend on the cluster's state. The
// error tells why there is nobody to hit (a partition without leader, a follower that is not
// there).
Result<std::vector<NodeId>> resolve(const Target& target, const std::vector<NodeId>& drawn,
                                    const kafka::ClusterState& state,
                                    const std::vector<Node>& nodes);

}  // namespace seatrial::run
