// What each node of a cluster is configured with: from the scenario's `cluster:` to Kafka
// properties. Local nodes get them as a file, containers as KAFKA_ variables. Pure; starts
// nothing.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"

namespace seatrial::clusters {

using Properties = std::map<std::string, std::string>;

// Where a node listens and keeps its data. The three listeners have ports of their own, so that a
// fault can tell clients, replication and the quorum apart.
struct Place {
  std::string bind;         // address its listeners bind to
  std::string host;         // name under which other nodes find it
  std::string client_host;  // what clients are told to dial
  int client_port = 0;      // bound for clients
  int advertised_port = 0;  // what clients are told, behind a port mapping
  int replication_port = 0;
  int controller_port = 0;
  // With a proxy: where others dial instead of the listeners for replication and the quorum, and a
  // further listener that nothing stands before, which the harness asks. 0: without.
  int advertised_replication_port = 0, dialled_controller_port = 0, direct_port = 0;
  std::string log_dirs;  // as_log_dirs
};

// Ids and roles: brokers 1..N, controllers 101..100+M. Combined: brokers only, of which the first
// min(3, N) are voters. Addresses are still empty.
std::vector<Node> node_list(const ClusterSpec& spec);

// "broker-1", "controller-1": file names, and the services of the compose files.
std::string node_name(const Node& node);

// Its folders of data by name, in the order of its log.dirs: broker-1, or broker-1-dir-1 and so on.
std::vector<std::string> folder_names(const ClusterSpec& spec, const Node& node);

// `places` by node id. The same on every node, the scenario's `config` included, which has the
// last word.
Properties common_properties(const ClusterSpec& spec, const std::map<NodeId, Place>& places);
// What only this node has: id, role, listeners, data.
Properties own_properties(const Node& node, const Place& place);
// Empty: it stands in none.
std::string rack_of(const ClusterSpec& spec, const Node& node);
// All of that.
Properties node_properties(const ClusterSpec& spec, const Node& node,
                           const std::map<NodeId, Place>& places);

// Properties that the harness has to set itself, as they say where nodes are and what they are, and
// those without which the listener for clients cannot speak its protocol. The complaint about what
// `config` holds or lacks, if there is one.
std::optional<std::string> refused_config(const ClusterSpec& spec);

// As a .properties file, keys in order, special characters escaped.
std::string to_properties_text(const Properties& properties);

// How a node that runs in `run_in` is told of its folders of data, the one with the cluster's
// metadata first: log.dirs is a list, so a path below is named from there, as no part of it has a
// comma; another one that has is a UsageError.
std::string as_log_dirs(const std::vector<std::filesystem::path>& data,
                        const std::filesystem::path& run_in);

// log.dirs -> KAFKA_LOG_DIRS: `.` to `_`, `_` to `__`, `-` to `___`, as the apache/kafka image
// reads it.
std::string to_env_name(const std::string& property);

}  // namespace seatrial::clusters
