// From a written target to node ids.
#include "run/targets.hpp"

#include <algorithm>

namespace seatrial::run {
namespace {

Result<std::vector<NodeId>> controller(const kafka::ClusterState& state,
                                       const std::vector<Node>& nodes) {
  if (state.controller.value >= 0) return std::vector{state.controller};
  std::vector<NodeId> voters;
  for (const Node& node : nodes) {
    if (node.role != NodeRole::broker) voters.push_back(node.id);
  }
  if (voters.size() == 1) return voters;  // the only voter is the active one
  return Error{"no broker could name the active controller", ""};
}

}  // namespace

Result<std::vector<NodeId>> resolve(const Target& target, const std::vector<NodeId>& drawn,
                                    const kafka::ClusterState& state,
                                    const std::vector<Node>& nodes) {
  if (!drawn.empty()) return drawn;
  if (target.kind == Target::Kind::controller) return controller(state, nodes);
  const auto it = std::ranges::find(state.partitions, target.where, &kafka::PartitionState::where);
  if (it == state.partitions.end()) {
    return Error{"no broker has reported " + to_string(target.where) + " yet", ""};
  }
  if (it->leader.value < 0) return Error{to_string(target.where) + " has no leader", ""};
  if (target.kind == Target::Kind::leader) return std::vector{it->leader};
  std::vector<NodeId> followers;
  for (NodeId replica : it->replicas) {
    if (replica != it->leader) followers.push_back(replica);
  }
  if (followers.empty()) return Error{to_string(target.where) + " has no follower", ""};
  if (target.kind == Target::Kind::follower) followers.resize(1);
  return followers;
}

}  // namespace seatrial::run
