// Implements clusters/node_config.hpp.
#include "clusters/node_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/check.hpp"
#include "core/utf8.hpp"

namespace seatrial::clusters {
namespace {

constexpr int first_controller_id = 101;
constexpr int combined_voters = 3;

// Kafka's defaults wait for tens of seconds where an experiment should wait for one or two. Limits
// that Kafka checks: replica.lag.time.max.ms >= replica.fetch.wait.max.ms (500); a group's minimum
// session before its default.
const Properties& fast_timeouts() {
  static const Properties table{
      {"broker.heartbeat.interval.ms", "500"},
      {"broker.session.timeout.ms", "3000"},
      {"controller.quorum.election.backoff.max.ms", "300"},
      {"controller.quorum.election.timeout.ms", "500"},
      {"controller.quorum.fetch.timeout.ms", "1000"},
      {"controller.quorum.request.timeout.ms", "1000"},
      {"group.consumer.heartbeat.interval.ms", "1000"},
      {"group.consumer.min.heartbeat.interval.ms", "500"},
      {"group.consumer.min.session.timeout.ms", "3000"},
      {"group.consumer.session.timeout.ms", "6000"},
      {"group.initial.rebalance.delay.ms", "0"},
      {"group.min.session.timeout.ms", "1000"},
      {"group.share.assignment.interval.ms", "500"},
      {"group.share.initialize.retry.interval.ms", "2000"},
      {"group.share.min.heartbeat.interval.ms", "500"},
      {"group.share.min.record.lock.duration.ms", "1000"},
      {"group.share.min.session.timeout.ms", "3000"},
      {"leader.imbalance.check.interval.seconds", "5"},
      {"log.cleaner.backoff.ms", "500"},
      {"log.initial.task.delay.ms", "500"},
      {"log.retention.check.interval.ms", "1000"},
      {"log.segment.delete.delay.ms", "500"},
      {"offsets.topic.num.partitions", "3"},
      {"replica.lag.time.max.ms", "2000"},
      {"share.coordinator.state.topic.num.partitions", "3"},
      {"transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"},
      {"transaction.state.log.num.partitions", "3"},
  };
  return table;
}

constexpr std::array owned_properties{
    "advertised.listeners",
    "broker.id",
    "controller.listener.names",
    "controller.quorum.bootstrap.servers",
    "controller.quorum.voters",
    "inter.broker.listener.name",
    "listener.security.protocol.map",
    "listeners",
    "log.dir",
    "log.dirs",
    "metadata.log.dir",
    "node.id",
    "process.roles",
};

bool votes(const Node& node, int brokers) {
  if (node.role == NodeRole::broker) return false;
  return node.role == NodeRole::controller || node.id.value <= std::min(combined_voters, brokers);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// As Java reads a properties file: as Latin-1, in which other characters are escaped by their
// UTF-16. `further`: what else would be read as something else.
std::string escaped(std::string_view text, std::string_view further) {
  std::string out;
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const auto character = text.substr(0, std::max<std::size_t>(length, 1));
    text.remove_prefix(character.size());
    const char c = character[0];
    if (character.size() > 1 || static_cast<unsigned char>(c) >= 0x80) {
      const auto code = length == 0 ? static_cast<unsigned char>(c) : utf8_character(character);
      if (code < 0x10000) {
        out += fmt::format("\\u{:04X}", static_cast<unsigned>(code));
      } else {
        const auto rest = static_cast<unsigned>(code) - 0x10000;
        out += fmt::format("\\u{:04X}\\u{:04X}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
      }
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\f') {
      out += "\\f";
    } else {
      if (c == '\\' || further.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

int or_else(int port, int otherwise) { return port != 0 ? port : otherwise; }

std::string listener(std::string_view name, const std::string& host, int port) {
  return std::string(name) + "://" + host + ":" + std::to_string(port);
}

}  // namespace

std::vector<Node> node_list(const ClusterSpec& spec) {
  std::vector<Node> nodes;
  const int voters = spec.combined ? std::min(combined_voters, spec.brokers) : 0;
  for (int id = 1; id <= spec.brokers; ++id) {
    nodes.push_back({NodeId{id}, id <= voters ? NodeRole::combined : NodeRole::broker, ""});
  }
  if (!spec.combined) {
    for (int i = 0; i < spec.controllers; ++i) {
      nodes.push_back({NodeId{first_controller_id + i}, NodeRole::controller, ""});
    }
  }
  return nodes;
}

std::string node_name(const Node& node) {
  if (node.role != NodeRole::controller) return "broker-" + std::to_string(node.id.value);
  return "controller-" + std::to_string(node.id.value - first_controller_id + 1);
}

std::vector<std::string> folder_names(const ClusterSpec& spec, const Node& node) {
  if (spec.log_dirs == 1 || node.role == NodeRole::controller) return {node_name(node)};
  std::vector<std::string> out;
  for (int dir = 1; dir <= spec.log_dirs; ++dir)
    out.push_back(node_name(node) + "-dir-" + std::to_string(dir));
  return out;
}

Properties common_properties(const ClusterSpec& spec, const std::map<NodeId, Place>& places) {
  Properties all = spec.fast_timeouts ? fast_timeouts() : Properties{};
  const auto replication = std::to_string(std::min(3, spec.brokers));
  const auto min_isr = std::to_string(std::min(2, spec.brokers));
  all.insert_or_assign("auto.create.topics.enable", "false");
  for (const char* topic : {"transaction.state.log", "share.coordinator.state.topic"}) {
    all.insert_or_assign(std::string(topic) + ".min.isr", min_isr);
    all.insert_or_assign(std::string(topic) + ".replication.factor", replication);
  }
  all.insert_or_assign("offsets.topic.replication.factor", replication);
  all.insert_or_assign("controller.listener.names", "CONTROLLER");
  all.insert_or_assign("listener.security.protocol.map",
                       "CLIENT:" + upper(spec.client_protocol) +
                           ",CONTROLLER:PLAINTEXT,REPLICATION:PLAINTEXT" +
                           (spec.gear.contains(Gear::proxy) ? ",DIRECT:PLAINTEXT" : ""));
  std::string voters;
  for (const auto& node : node_list(spec)) {
    if (!votes(node, spec.brokers)) continue;
    const auto& place = places.at(node.id);
    voters += (voters.empty() ? "" : ",") + std::to_string(node.id.value) + "@" + place.host + ":" +
              std::to_string(or_else(place.dialled_controller_port, place.controller_port));
  }
  all.insert_or_assign("controller.quorum.voters", voters);
  if (!spec.users.empty()) {
    all.insert_or_assign("sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512");
    for (const char* mechanism : {"scram-sha-256", "scram-sha-512"}) {
      all.insert_or_assign("listener.name.client." + std::string(mechanism) + ".sasl.jaas.config",
                           "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    }
  }
  // Brokers and the harness, which do not log in, may do all.
  if (spec.config.contains("authorizer.class.name"))
    all.insert_or_assign("super.users", "User:ANONYMOUS");
  for (const auto& [name, value] : spec.config) all.insert_or_assign(name, value);
  return all;
}

Properties own_properties(const Node& node, const Place& place) {
  Properties own{{"node.id", std::to_string(node.id.value)}, {"log.dirs", place.log_dirs}};
  const auto controller = listener("CONTROLLER", place.bind, place.controller_port);
  // Whoever has found the quorum goes on with what its leader advertises.
  const auto dialled = place.dialled_controller_port == 0
                           ? std::string()
                           : listener("CONTROLLER", place.host, place.dialled_controller_port);
  if (node.role == NodeRole::controller) {
    own["process.roles"] = "controller";
    own["listeners"] = controller;
    if (!dialled.empty()) own["advertised.listeners"] = dialled;
    return own;
  }
  own["process.roles"] = node.role == NodeRole::combined ? "broker,controller" : "broker";
  own["listeners"] = listener("CLIENT", place.bind, place.client_port) + "," +
                     listener("REPLICATION", place.bind, place.replication_port);
  if (node.role == NodeRole::combined) own["listeners"] += "," + controller;
  own["advertised.listeners"] =
      listener("CLIENT", place.client_host, place.advertised_port) + "," +
      listener("REPLICATION", place.host,
               or_else(place.advertised_replication_port, place.replication_port));
  if (place.direct_port != 0) {
    own["listeners"] += "," + listener("DIRECT", place.bind, place.direct_port);
    own["advertised.listeners"] += "," + listener("DIRECT", place.host, place.direct_port);
  }
  if (node.role == NodeRole::combined && !dialled.empty())
    own["advertised.listeners"] += "," + dialled;
  own["inter.broker.listener.name"] = "REPLICATION";
  return own;
}

std::string rack_of(const ClusterSpec& spec, const Node& node) {
  if (!node.serves_clients() || spec.racks.empty()) return {};
  return spec.racks[static_cast<std::size_t>(node.id.value - 1) % spec.racks.size()];
}

Properties node_properties(const ClusterSpec& spec, const Node& node,
                           const std::map<NodeId, Place>& places) {
  auto all = common_properties(spec, places);
  for (const auto& [name, value] : own_properties(node, places.at(node.id))) all[name] = value;
  if (const auto rack = rack_of(spec, node); !rack.empty()) all["broker.rack"] = rack;
  return all;
}

std::optional<std::string> refused_config(const ClusterSpec& spec) {
  std::string names;
  for (const char* name : owned_properties) {
    if (spec.config.contains(name)) names += (names.empty() ? "" : ", ") + std::string(name);
  }
  if (!names.empty()) {
    return "cluster.config cannot set " + names + ": the harness decides where nodes listen, " +
           "vote and keep their data";
  }
  const auto given = [&](std::string_view part) {
    return std::ranges::any_of(spec.config,
                               [&](const auto& entry) { return entry.first.ends_with(part); });
  };
  const bool tls = spec.client_protocol.ends_with("ssl");
  if (tls && !given("ssl.keystore.location") && !given("ssl.keystore.key")) {
    return "clients connect by " + spec.client_protocol +
           ", and the brokers have no certificate: " +
           "set ssl.keystore.location and ssl.keystore.type in cluster.config";
  }
  const bool sasl = spec.client_protocol.starts_with("sasl");
  if (sasl && spec.users.empty() && !given("sasl.jaas.config")) {
    return "clients connect by " + spec.client_protocol +
           ", and the brokers know nobody: name them in cluster.users (SCRAM), or set " +
           "listener.name.client.plain.sasl.jaas.config or the like in cluster.config";
  }
  if (!sasl && !spec.users.empty()) {
    return "cluster.users can log in by SASL only, and clients connect by " + spec.client_protocol +
           ": set security.protocol and sasl.mechanism in the workloads' " + "properties";
  }
  return std::nullopt;
}

std::string to_properties_text(const Properties& properties) {
  std::string text;
  for (const auto& [name, value] : properties) {
    text += escaped(name, " =:#!") + "=";
    // Leading blanks would be dropped.
    if (value.starts_with(' ')) text += '\\';
    text += escaped(value, "") + '\n';
  }
  return text;
}

std::string as_log_dirs(const std::vector<std::filesystem::path>& data,
                        const std::filesystem::path& run_in) {
  std::string out;
  for (const auto& folder : data) {
    const auto below = folder.lexically_relative(run_in);
    const bool is_below = !below.empty() && *below.begin() != ".." && *below.begin() != ".";
    if (!is_below && folder.string().find(',') != std::string::npos)
      throw UsageError("the brokers' data cannot be in " + folder.string() +
                       ": Kafka takes a path with a comma for two");
    out += (out.empty() ? "" : ",") + (is_below ? below : folder).string();
  }
  return out;
}

std::string to_env_name(const std::string& property) {
  std::string name = "KAFKA_";
  for (const char c : property) {
    if (c == '.') name += '_';
    else if (c == '_') name += "__";
    else if (c == '-') name += "___";
    else name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace seatrial::clusters
