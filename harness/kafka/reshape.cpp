// Asking, and reading back what brokers tell.
#include "kafka/reshape.hpp"

#include <algorithm>

#include "kafka/wire/connection.hpp"

namespace seatrial::kafka {
namespace {

// A broker that hangs is given up for the next one.
constexpr auto patience_with_one = seconds(5);
constexpr std::int32_t broker_timeout_ms = 4000;
constexpr std::int16_t no_such_topic = 3;  // Kafka's UNKNOWN_TOPIC_OR_PARTITION
constexpr std::int16_t no_reassignment_in_progress = 85;  // Kafka's name, too

constexpr AnyBroker::Request reassignment{.api = wire::Api::alter_partition_reassignments,
                                          .version = 0,
                                          .flexible = true,
                                          .name = "AlterPartitionReassignments"};

}  // namespace

Reshape::Reshape(const std::vector<Node>& nodes) : any_(nodes) {
  for (const Node& node : nodes) {
    if (!node.serves_clients()) continue;
    brokers_.push_back(node.id);
    each_.emplace(std::to_string(node.id.value), AnyBroker({node}));
  }
}

Result<wire::Bytes> Reshape::ask(const Request& request, const wire::Bytes& body,
                                 Instant deadline) const {
  return any_.ask(request, body, deadline);
}

Result<bool> Reshape::elect(wire::Election kind, const TopicPartition& where, Instant deadline) {
  const Request request{.api = wire::Api::elect_leaders, .version = 1, .name = "ElectLeaders"};
  const auto answer =
      ask(request, wire::encode_elect_leaders(kind, where, broker_timeout_ms), deadline);
  if (!answer) return answer.error();
  return taken(request, wire::decode_elect_leaders(*answer));
}

Result<wire::Answer> Reshape::ask_for(const std::optional<std::vector<NodeId>>& replicas,
                                      const TopicPartition& where, Instant deadline) const {
  const auto answer =
      ask(reassignment, wire::encode_reassignment(where, replicas, broker_timeout_ms), deadline);
  if (!answer) return answer.error();
  return wire::decode_reassignment(*answer);
}

Result<bool> Reshape::reassign(const TopicPartition& where, const std::vector<NodeId>& replicas,
                               Instant deadline) {
  return taken(reassignment, ask_for(replicas, where, deadline));
}

Result<bool> Reshape::cancel(const TopicPartition& where, Instant deadline) {
  const auto answer = ask_for(std::nullopt, where, deadline);
  if (answer && answer->error == no_reassignment_in_progress) return false;
  return taken(reassignment, answer);
}

Result<bool> Reshape::configure(wire::Configured what, const std::string& name,
                                const wire::ConfigChanges& changes, Instant deadline) {
  const Request request{
      .api = wire::Api::incremental_alter_configs, .version = 0, .name = "IncrementalAlterConfigs"};
  const auto own = what == wire::Configured::broker ? each_.find(name) : each_.end();
  const AnyBroker& asked = own == each_.end() ? any_ : own->second;
  const auto answer = asked.ask(request, wire::encode_alter_configs(what, name, changes), deadline);
  if (!answer) return answer.error();
  return taken(request, wire::decode_alter_configs(*answer));
}

Result<bool> Reshape::grow(const std::string& topic, int partitions, Instant deadline) {
  const Request request{
      .api = wire::Api::create_partitions, .version = 1, .name = "CreatePartitions"};
  const auto answer =
      ask(request, wire::encode_create_partitions(topic, partitions, broker_timeout_ms), deadline);
  if (!answer) return answer.error();
  return taken(request, wire::decode_create_partitions(*answer));
}

Result<std::vector<PartitionState>> Reshape::partitions(const std::string& topic,
                                                        Instant deadline) {
  Error last{"no broker serves clients", ""};
  for (const std::string& address : any_.addresses()) {
    const Instant until = std::min<Instant>(deadline, now() + patience_with_one);
    auto connection = wire::Connection::open(address, until);
    auto told = connection ? connection->metadata({topic}, until)
                           : Result<wire::Metadata>(connection.error());
    if (!told || told->topics.empty() || told->topics.front().error != 0) {
      last = told ? Error{"no broker knows topic " + topic, ""} : told.error();
      continue;
    }
    std::vector<PartitionState> out;
    for (const auto& one : told->topics.front().partitions) {
      out.push_back({.where = {topic, one.partition},
                     .leader = one.leader,
                     .epoch = one.leader_epoch,
                     .isr = one.isr,
                     .replicas = one.replicas});
      std::ranges::sort(out.back().isr);
    }
    std::ranges::sort(out, {}, [](const auto& p) { return p.where.partition; });
    return out;
  }
  return last;
}

Result<bool> Reshape::is_known(const std::string& topic, Instant deadline) {
  Error last{"no broker serves clients", ""};
  bool answered = false;
  for (const std::string& address : any_.addresses()) {
    const Instant until = std::min<Instant>(deadline, now() + patience_with_one);
    auto connection = wire::Connection::open(address, until);
    auto told = connection ? connection->metadata({topic}, until)
                           : Result<wire::Metadata>(connection.error());
    if (!told) {
      last = told.error();
      continue;
    }
    answered = true;
    for (const auto& one : told->topics) {
      if (one.error != no_such_topic) return true;
    }
  }
  if (answered) return false;
  return last;
}

Result<PartitionState> Reshape::partition(const TopicPartition& where, Instant deadline) {
  const auto all = partitions(where.topic, deadline);
  if (!all) return all.error();
  const auto found = std::ranges::find(*all, where, &PartitionState::where);
  if (found == all->end()) return Error{"no broker knows " + to_string(where), ""};
  return *found;
}

}  // namespace seatrial::kafka
