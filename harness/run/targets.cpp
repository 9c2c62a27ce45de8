// From a written target to node ids.
#include "run/targets.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::run {
namespace {

Result<std::vector<NodeId>> controller(const Target& target, const kafka::ClusterState& state,
                                       const std::vector<Node>& nodes) {
  std::vector<NodeId> voters;
  for (const Node& node : nodes) {
    if (node.role != NodeRole::broker) voters.push_back(node.id);
  }
  if (target.controller > 0) {
    std::ranges::sort(voters);
    const auto nth = static_cast<std::size_t>(target.controller);
    if (nth <= voters.size()) return std::vector{voters[nth - 1]};
    return Error{"the cluster has no " + to_string(target), ""};
  }
  if (state.controller.value >= 0) return std::vector{state.controller};
  if (voters.size() == 1) return voters;  // the only voter is the active one
  return Error{"no broker could name the active controller", ""};
}

Result<std::vector<NodeId>> of_partition(const Target& target, const kafka::ClusterState& state) {
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
  if (target.kind == Target::Kind::followers) return followers;
  const auto nth = static_cast<std::size_t>(target.nth);
  if (nth > followers.size()) {
    return Error{to_string(target.where) + " has no follower " + std::to_string(target.nth), ""};
  }
  return std::vector{followers[nth - 1]};
}

Result<std::vector<NodeId>> coordinated(const Target& target, const AskCoordinator& coordinator) {
  if (!coordinator) return Error{"nobody can be asked for " + to_string(target), ""};
  const auto node = coordinator(target);
  if (!node) return node.error();
  return std::vector{*node};
}

// Each once, ascending.
Result<std::vector<NodeId>> of_set(const Target& target, const kafka::ClusterState& state,
                                   const std::vector<Node>& nodes,
                                   const AskCoordinator& coordinator) {
  std::vector<NodeId> out;
  for (const Target& one : target.of) {
    auto some = resolve(one, {}, state, nodes, coordinator);
    if (!some) return some.error();
    out.insert(out.end(), some->begin(), some->end());
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

Result<Peers> peers_of(const Target& end, const kafka::ClusterState& state,
                       const std::vector<Node>& nodes, const AskCoordinator& coordinator) {
  Peers out;
  const std::vector<Target> one{end};
  for (const Target& entry : end.kind == Target::Kind::set ? end.of : one) {
    if (entry.kind == Target::Kind::clients) out.clients = true;
    if (entry.kind == Target::Kind::brokers) out.brokers = true;
    if (entry.kind == Target::Kind::controllers) out.controllers = true;
    if (is_group(entry.kind)) continue;
    const auto some = resolve(entry, {}, state, nodes, coordinator);
    if (!some) return some.error();
    out.nodes.insert(out.nodes.end(), some->begin(), some->end());
  }
  std::ranges::sort(out.nodes);
  out.nodes.erase(std::ranges::unique(out.nodes).begin(), out.nodes.end());
  return out;
}

}  // namespace

Result<Linked> resolve_link(const Target& link, const kafka::ClusterState& state,
                            const std::vector<Node>& nodes, const AskCoordinator& coordinator) {
  check(link.kind == Target::Kind::link && link.of.size() == 2, "a link has two ends");
  const bool to_group = has_group(link.of[1]);
  const auto acted_on = peers_of(link.of[to_group ? 0 : 1], state, nodes, coordinator);
  if (!acted_on) return acted_on.error();
  const auto others = peers_of(link.of[to_group ? 1 : 0], state, nodes, coordinator);
  if (!others) return others.error();
  Linked out{.nodes = acted_on->nodes, .peers = *others};
  if (!link.both_ways) out.way = to_group ? Way::out : Way::in;
  const bool group = out.peers.clients || out.peers.brokers || out.peers.controllers;
  const bool apart = std::ranges::any_of(out.peers.nodes, [&](NodeId peer) {
    return out.nodes.size() > 1 || out.nodes.front() != peer;
  });
  if (group || apart) return out;
  return Error{"both ends of " + to_string(link) + " are " + node_text(out.nodes.front()), ""};
}

AskCoordinator ask_brokers(const std::vector<Node>& nodes) {
  return [nodes](const Target& target) -> Result<NodeId> {
    const auto what = target.transactional ? kafka::wire::Coordinated::transactional_id
                                           : kafka::wire::Coordinated::group;
    Error last{"no broker serves clients", ""};
    for (const Node& node : nodes) {
      if (!node.serves_clients()) continue;
      const Instant deadline = now() + seconds(1);
      auto connection = kafka::wire::Connection::open(node.address, deadline);
      if (!connection) {
        last = connection.error();
        continue;
      }
      auto found = connection->coordinator(what, target.name, deadline);
      if (found) return found;
      last = found.error();
    }
    return Error{"nobody could name " + to_string(target) + ": " + last.message, ""};
  };
}

Result<std::vector<NodeId>> resolve(const Target& target, const std::vector<NodeId>& drawn,
                                    const kafka::ClusterState& state,
                                    const std::vector<Node>& nodes,
                                    const AskCoordinator& coordinator) {
  if (!drawn.empty()) return drawn;
  switch (target.kind) {
    case Target::Kind::cluster: return std::vector<NodeId>{};
    case Target::Kind::broker: return std::vector{target.node};
    case Target::Kind::controller: return controller(target, state, nodes);
    case Target::Kind::coordinator: return coordinated(target, coordinator);
    case Target::Kind::set: return of_set(target, state, nodes, coordinator);
    case Target::Kind::link: return Error{to_string(target) + " is no node", ""};
    default: return of_partition(target, state);
  }
}

}  // namespace seatrial::run
