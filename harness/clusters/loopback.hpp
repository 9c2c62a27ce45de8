// Nodes that all listen on this machine's loopback: which ports are whose, and a proxy before them
// where one is wanted. Local brokers are always such nodes, containers only behind a proxy.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clusters/node_config.hpp"
#include "core/check.hpp"
#include "core/cluster.hpp"
#include "proxy/proxy.hpp"

namespace seatrial::clusters {

// A port was taken between its release and a node's bind: worth another try with other ports.
struct PortTaken : InfrastructureError {
  using InfrastructureError::InfrastructureError;
};

[[nodiscard]] std::string loopback_address(int port);

// How many ports `loopback_places` takes.
[[nodiscard]] std::size_t loopback_ports(const ClusterSpec& spec);
// By node, without log_dirs. `ports`: free ones, of which it uses the first.
[[nodiscard]] std::map<NodeId, Place> loopback_places(const ClusterSpec& spec,
                                                      const std::vector<int>& ports);
// Of the node's listener that the harness itself asks: in plaintext, and before any proxy.
[[nodiscard]] int watched_port(const ClusterSpec& spec, const Node& node, const Place& place);

// Listens when this returns; to be made before the nodes are, whose peers dial it and nobody else.
// Null if the spec wants none. Throws PortTaken.
[[nodiscard]] std::unique_ptr<proxy::Proxy> proxy_before(const ClusterSpec& spec,
                                                         const std::map<NodeId, Place>& places);

}  // namespace seatrial::clusters
