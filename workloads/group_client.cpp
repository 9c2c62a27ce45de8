// librdkafka's rebalance protocols, commits and closing.
#include "workloads/group_client.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/counted.hpp"
#include "core/time.hpp"

namespace seatrial::workloads {
namespace {

constexpr auto commit_time = seconds(60);
constexpr auto stop_grace = seconds(2);  // for a commit that is under way when the trial ends
constexpr auto close_time = seconds(5);
constexpr auto offsets_time = seconds(5);  // for the coordinator to tell a group's offsets

}  // namespace

kafka::Properties reading_properties(const std::string& group, Commit commit,
                                     const kafka::Properties& properties) {
  kafka::Properties out = properties;
  const bool background = commit == Commit::automatic || commit == Commit::after;
  out["group.id"] = group;
  out["enable.auto.commit"] = background ? "true" : "false";
  out["enable.auto.offset.store"] = commit == Commit::automatic ? "true" : "false";
  out["enable.partition.eof"] = "true";
  // A group starts with no offsets, and what is produced before its first fetch counts as well.
  out.try_emplace("auto.offset.reset", "earliest");
  return out;
}

GroupClient::GroupClient(const LaneContext& lane, kafka::Properties properties,
                         ClientEvents& events, Hooks hooks)
    : lane_(lane), events_(events), hooks_(std::move(hooks)), group_(properties.at("group.id")) {
  properties["bootstrap.servers"] = lane.bootstrap;
  auto client = kafka::make_client(kafka::ClientType::consumer, make_conf(properties));
  if (!client) throw failure(client.error().message);
  client_ = std::move(*client);
  effective_config_ = kafka::effective_config(*client_);
  rd_kafka_poll_set_consumer(client_.get());
  commits_.reset(rd_kafka_queue_new(client_.get()));
}

InfrastructureError GroupClient::failure(const std::string& what) const {
  return InfrastructureError("workload '" + lane_.workload + "': " + what);
}

kafka::ConfHandle GroupClient::make_conf(const kafka::Properties& properties) {
  auto made = kafka::make_conf(properties);
  if (!made) throw failure(made.error().message);
  rd_kafka_conf_t* conf = made->get();
  rd_kafka_conf_set_opaque(conf, this);
  const auto on_rebalance = [](rd_kafka_t*, rd_kafka_resp_err_t what,
                               rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    auto& own = *static_cast<GroupClient*>(opaque);
    own.events_.guarded([&] { own.rebalance(what, partitions); });
  };
  const auto on_commit = [](rd_kafka_t*, rd_kafka_resp_err_t error,
                            rd_kafka_topic_partition_list_t* offsets, void* opaque) {
    auto& own = *static_cast<GroupClient*>(opaque);
    own.events_.guarded([&] { own.hooks_.committed(Answer::background, error, offsets); });
  };
  const auto on_error = [](rd_kafka_t* client, int code, const char* reason, void* opaque) {
    auto& own = *static_cast<GroupClient*>(opaque);
    own.events_.guarded([&] { own.events_.error(*client, code, reason); });
  };
  const auto on_throttle = [](rd_kafka_t*, const char*, std::int32_t, int ms, void* opaque) {
    static_cast<GroupClient*>(opaque)->events_.throttled(ms);
  };
  rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf, on_commit);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_throttle_cb(conf, on_throttle);
  rd_kafka_conf_set_log_cb(conf, nullptr);  // its errors come by callback and are counted
  return std::move(*made);
}

void GroupClient::subscribe() {
  const kafka::PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), lane_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  throw failure("cannot subscribe to '" + lane_.topic + "': " + rd_kafka_err2str(error));
}

void GroupClient::unsubscribe() { rd_kafka_unsubscribe(client_.get()); }

// One by one, not by the library's batch call: that counts messages as done (with automatic
// commits) which a rebalance in the middle of it drops (before 2.1.0), and the end of a partition
// as one message more (2.1.0 to 2.13.0).
kafka::MessageHandle GroupClient::poll(int timeout_ms) {
  kafka::MessageHandle message(rd_kafka_consumer_poll(client_.get(), timeout_ms));
  events_.rethrow();
  return message;
}

void GroupClient::advance(const rd_kafka_message_t& message) {
  const bool is_end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  positions_[message.partition] = message.offset + (is_end ? 0 : 1);
}

void GroupClient::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  using Change = MemberLink::Change;
  const bool assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  const bool lost = !assign && rd_kafka_assignment_lost(client_.get()) != 0;
  std::vector<std::int32_t> numbers;
  for (int i = 0; i < partitions->cnt; ++i) numbers.push_back(partitions->elems[i].partition);
  hooks_.moves(assign ? Change::assigned : lost ? Change::lost : Change::revoked, numbers);
  for (const auto number : numbers) positions_.erase(number);  // those that stay keep theirs
  if (assign && kafka::resets_by_error(lane_.properties))
    kafka::begin_at_start(*client_, *partitions, offsets_time);
  take_over(what, partitions);
}

// Under the cooperative protocol partitions are added and taken away, under the eager one replaced.
void GroupClient::take_over(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  const bool assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  const bool moves = assign || what == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
  rd_kafka_t* client = client_.get();
  const char* protocol = rd_kafka_rebalance_protocol(client);
  if (moves && protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0) {
    const kafka::ErrorHandle error(assign ? rd_kafka_incremental_assign(client, partitions)
                                          : rd_kafka_incremental_unassign(client, partitions));
    if (error) events_.note(std::string("rebalance: ") + rd_kafka_error_string(error.get()));
    return;
  }
  const auto error = rd_kafka_assign(client, assign ? partitions : nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    events_.note(std::string("rebalance: ") + rd_kafka_err2str(error));
  }
}

kafka::PartitionListHandle GroupClient::list_of(const NextOffsets& next) const {
  kafka::PartitionListHandle out(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  const char* topic = lane_.topic.c_str();
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(out.get(), topic, partition)->offset = offset;
  }
  return out;
}

rd_kafka_resp_err_t GroupClient::store(const NextOffsets& next) {
  return rd_kafka_offsets_store(client_.get(), list_of(next).get());
}

void GroupClient::commit_sync(const NextOffsets& next) {
  check(commits_ != nullptr, "nothing is committed once the client is closed");
  const auto offsets = list_of(next);
  auto error =
      rd_kafka_commit_queue(client_.get(), offsets.get(), commits_.get(), nullptr, nullptr);
  const Instant asked = now();
  Instant deadline = asked + commit_time;
  while (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const kafka::EventHandle event(rd_kafka_queue_poll(commits_.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      return hooks_.committed(Answer::awaited, rd_kafka_event_error(event.get()),
                              rd_kafka_event_topic_partition_list(event.get()));
    }
    if (lane_.clock->consumers_stop.load(std::memory_order_relaxed)) {
      deadline = std::min(deadline, asked + stop_grace);
    }
    if (now() >= deadline) error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  hooks_.committed(Answer::awaited, error, offsets.get());
}

void GroupClient::close() {
  if (!client_) return;
  commits_.reset();
  const auto reported = [this](rd_kafka_resp_err_t error,
                               rd_kafka_topic_partition_list_t* offsets) {
    events_.guarded([&] { hooks_.committed(Answer::background, error, offsets); });
  };
  if (kafka::close_consumer(client_, close_time, reported) == kafka::Closing::abandoned) {
    events_.note("left group '" + group_ + "' without the coordinator's answer");
  }
}

void add_refusals(const std::map<rd_kafka_resp_err_t, std::uint64_t>& refused,
                  std::vector<std::string>& notes) {
  for (const auto& [error, times] : refused) {
    notes.push_back("commit refused " + counted(times, "time") + " with " +
                    rd_kafka_err2name(error));
  }
}

}  // namespace seatrial::workloads
