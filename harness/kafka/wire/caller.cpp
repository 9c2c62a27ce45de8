// Kept connections, and one poll for the answer that is awaited.
#include "kafka/wire/caller.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "kafka/addresses.hpp"

namespace seatrial::kafka::wire {
Caller::Caller(CallerTerms terms)
    : terms_(std::move(terms)),
      addresses_(addresses_in(terms_.bootstrap)),
      leads_(static_cast<std::size_t>(terms_.partitions)) {
  check(!addresses_.empty(), "a caller is given an address to begin with");
}

bool Caller::failed(const std::string& why) {
  trouble_ = why;
  return false;
}

std::optional<NodeId> Caller::leader(std::int32_t partition) const {
  return leads_[static_cast<std::size_t>(partition)].by;
}

void Caller::forget_leader(std::int32_t partition) {
  leads_[static_cast<std::size_t>(partition)].by.reset();
}

void Caller::forget_leaders_at(NodeId broker) {
  for (Lead& lead : leads_) {
    if (lead.by == broker) lead.by.reset();
  }
}

// A connection of its own: such questions are rare, and brokers come and go meanwhile.
Result<Connection> Caller::any_broker(Instant deadline) {
  return Connection::open(addresses_[next_address_++ % addresses_.size()], deadline,
                          terms_.security);
}

bool Caller::learn_leaders() {
  const Instant deadline = now() + connect_limit;
  auto connection = any_broker(deadline);
  if (!connection) return failed(connection.error().message);
  const auto metadata = connection->metadata({terms_.topic}, deadline);
  if (!metadata) return failed(metadata.error().message);
  learn(*metadata);
  return true;
}

void Caller::learn(const Metadata& metadata) {
  for (const BrokerMetadata& reported : metadata.brokers) {
    Broker& broker = brokers_[reported.id];
    const std::string address = reported.host + ":" + std::to_string(reported.port);
    if (broker.address == address) continue;
    broker = {.address = address, .connection = {}};
    if (std::ranges::find(addresses_, address) == addresses_.end()) addresses_.push_back(address);
  }
  for (const TopicMetadata& topic : metadata.topics) {
    if (topic.name != terms_.topic) continue;
    if (topic.error != 0) failed("topic " + topic.name + ": " + error_name(topic.error));
    for (const PartitionMetadata& reported : topic.partitions) {
      if (reported.partition < 0 || reported.partition >= terms_.partitions) continue;
      Lead& lead = leads_[static_cast<std::size_t>(reported.partition)];
      // A broker that was cut off may still tell of the time before.
      if (reported.leader_epoch >= 0 && reported.leader_epoch < lead.epoch) continue;
      lead.epoch = reported.leader_epoch;
      lead.by.reset();
      if (brokers_.contains(reported.leader)) lead.by = reported.leader;
      else failed("partition " + std::to_string(reported.partition) + " has no leader");
    }
  }
}

bool Caller::find_coordinator(const std::string& transactional_id) {
  const Instant deadline = now() + connect_limit;
  auto connection = any_broker(deadline);
  if (!connection) return failed(connection.error().message);
  const auto found =
      connection->coordinator(Coordinated::transactional_id, transactional_id, deadline);
  if (!found) return failed(found.error().message);
  if (!brokers_.contains(*found)) {
    const auto metadata = connection->metadata({terms_.topic}, deadline);
    if (!metadata) return failed(metadata.error().message);
    learn(*metadata);
  }
  if (!brokers_.contains(*found))
    return failed("the coordinator, broker " + std::to_string(found->value) + ", has no address");
  coordinator_ = *found;
  return true;
}

bool Caller::reach(NodeId id) {
  const auto at = brokers_.find(id);
  if (at == brokers_.end()) return failed("broker " + std::to_string(id.value) + " is not known");
  Broker& broker = at->second;
  if (broker.connection && broker.connection->is_over()) broker.connection.reset();
  if (broker.connection) return true;
  auto made = Connection::open(broker.address, now() + connect_limit, terms_.security);
  if (!made) return failed(made.error().message);
  broker.connection.emplace(std::move(made).value());
  return true;
}

Result<std::int16_t> Caller::version_at(NodeId broker, const Call& call) const {
  return brokers_.at(broker).connection->version_for(call.api, call.versions, call.name);
}

bool Caller::send(NodeId broker, const Call& call, BytesView body) {
  check(!asked_, "one request at a time");
  if (!reach(broker)) return false;
  const auto version = version_at(broker, call);
  if (!version) return failed(version.error().message);
  std::optional<Connection>& connection = brokers_.at(broker).connection;
  const Instant deadline = now() + terms_.answer;
  const auto sent = connection->ask({.api = call.api, .version = *version, .flexible = true}, body,
                                    std::min(deadline, now() + connect_limit));
  if (!sent) {
    connection.reset();
    return failed(sent.error().message);
  }
  asked_ = {broker, deadline};
  return true;
}

Caller::Heard Caller::hear(Instant until, Bytes& body) {
  check(asked_.has_value(), "a request is outstanding");
  Broker& broker = brokers_.at(asked_->broker);
  while (true) {
    // Its address has changed meanwhile: it is another process by now.
    if (!broker.connection) {
      failed(broker.address + ": its address changed");
      hang_up();
      return Heard::lost;
    }
    BytesView rest;
    const auto got = broker.connection->answer(rest);
    if (!got) {
      failed(got.error().message);
      hang_up();
      return Heard::lost;
    }
    if (*got) {
      body.assign(rest.begin(), rest.end());
      asked_.reset();
      return Heard::answered;
    }
    const Instant at = now();
    if (at >= asked_->deadline) {
      failed(broker.address + ": no answer in time");
      hang_up();
      return Heard::late;
    }
    if (at >= until) return Heard::nothing;
    const auto left = std::chrono::ceil<milliseconds>(std::min(until, asked_->deadline) - at);
    pollfd entry{broker.connection->descriptor(), POLLIN, 0};
    poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
}

void Caller::hang_up() {
  if (!asked_) return;
  brokers_.at(asked_->broker).connection.reset();
  asked_.reset();
}

}  // namespace seatrial::kafka::wire
