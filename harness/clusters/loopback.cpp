// Ports, dealt out in the order of the nodes.
#include "clusters/loopback.hpp"

#include <utility>

namespace seatrial::clusters {
namespace {

constexpr const char* loopback_host = "127.0.0.1";
constexpr std::size_t own_ports = 3, ports_before = 4;

bool behind_proxy(const ClusterSpec& spec) { return spec.gear.contains(Gear::proxy); }

}  // namespace

std::string loopback_address(int port) {
  return std::string(loopback_host) + ":" + std::to_string(port);
}

std::size_t loopback_ports(const ClusterSpec& spec) {
  return (behind_proxy(spec) ? own_ports + ports_before : own_ports) * node_list(spec).size();
}

std::map<NodeId, Place> loopback_places(const ClusterSpec& spec, const std::vector<int>& ports) {
  std::map<NodeId, Place> places;
  std::size_t next = 0;
  for (const auto& node : node_list(spec)) {
    Place& place = places[node.id];
    place.bind = place.host = place.client_host = loopback_host;
    place.client_port = place.advertised_port = ports.at(next);
    place.replication_port = ports.at(next + 1);
    place.controller_port = ports.at(next + 2);
    next += own_ports;
    if (!behind_proxy(spec)) continue;
    place.advertised_port = ports.at(next);
    place.advertised_replication_port = ports.at(next + 1);
    place.dialled_controller_port = ports.at(next + 2);
    place.direct_port = ports.at(next + 3);
    next += ports_before;
  }
  return places;
}

int watched_port(const ClusterSpec& spec, const Node& node, const Place& place) {
  if (!node.serves_clients()) return place.controller_port;
  if (place.direct_port != 0) return place.direct_port;
  return spec.client_protocol == "plaintext" ? place.client_port : place.replication_port;
}

std::unique_ptr<proxy::Proxy> proxy_before(const ClusterSpec& spec,
                                           const std::map<NodeId, Place>& places) {
  if (!behind_proxy(spec)) return nullptr;
  const bool readable = !spec.client_protocol.ends_with("ssl");
  std::vector<proxy::Port> ports;
  proxy::Roles roles;
  for (const auto& node : node_list(spec)) {
    const Place& place = places.at(node.id);
    roles[node.id] = node.role;
    const auto add = [&](proxy::Listener listener, int port, int target, bool framed) {
      ports.push_back({.node = node.id,
                       .listener = listener,
                       .port = port,
                       .target = target,
                       .framed = framed});
    };
    if (node.serves_clients()) {
      add(proxy::Listener::client, place.advertised_port, place.client_port, readable);
      add(proxy::Listener::replication, place.advertised_replication_port, place.replication_port,
          true);
    }
    if (node.role != NodeRole::broker)
      add(proxy::Listener::controller, place.dialled_controller_port, place.controller_port, true);
  }
  try {
    return std::make_unique<proxy::Proxy>(std::move(ports), std::move(roles));
  } catch (const InfrastructureError& failed) {
    throw PortTaken(failed.what());
  }
}

}  // namespace seatrial::clusters
