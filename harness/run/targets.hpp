// Whom a fault hits, decided at the moment of injection from what the brokers say then.
#pragma once

#include <functional>
#include <vector>

#include "core/cluster.hpp"
#include "core/network.hpp"
#include "core/result.hpp"
#include "core/target.hpp"
#include "kafka/watch.hpp"

namespace seatrial::run {

// Who coordinates the group or the transactional id of a target, asked of the brokers.
using AskCoordinator = std::function<Result<NodeId>(const Target&)>;
// Asks the nodes that answer, one after the other, for some seconds in all.
AskCoordinator ask_brokers(const std::vector<Node>& nodes);

// `drawn`: the nodes that the plan fixed for targets that do not depend on the cluster's state. The
// error tells why there is nobody to hit (a partition without leader, a follower that is not
// there). Of `cluster` there are no nodes; not of links.
Result<std::vector<NodeId>> resolve(const Target& target, const std::vector<NodeId>& drawn,
                                    const kafka::ClusterState& state,
                                    const std::vector<Node>& nodes,
                                    const AskCoordinator& coordinator = {});

// A link as rules have it: each of `nodes` and its `peers`. The nodes are the end on the right,
// unless that names a group.
struct Linked {
  std::vector<NodeId> nodes;
  Peers peers;
  Way way = Way::both;  // as the nodes see it
};
Result<Linked> resolve_link(const Target& link, const kafka::ClusterState& state,
                            const std::vector<Node>& nodes, const AskCoordinator& coordinator = {});

}  // namespace seatrial::run
