// Polling, telling, processing, committing; and what the library calls back.
#include "workloads/group_lane.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>

#include "core/check.hpp"
#include "core/counted.hpp"
#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "ledger/identity.hpp"
#include "workloads/client_events.hpp"

namespace seatrial::workloads {
namespace {

constexpr int poll_ms = 5;  // short: the end of the trial is looked for in between
constexpr auto commit_time = seconds(60);
constexpr auto stop_grace = seconds(2);  // for a commit that is under way when the trial ends
constexpr auto close_time = seconds(5);
constexpr auto offsets_time = seconds(5);  // for the coordinator to tell a group's offsets

class GroupLane {
 public:
  GroupLane(const GroupSettings& settings, LaneContext& lane);
  ~GroupLane() { close(); }
  GroupLane(const GroupLane&) = delete;
  GroupLane& operator=(const GroupLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  [[nodiscard]] InfrastructureError failure(const std::string& what) const {
    return InfrastructureError("workload '" + lane_.workload + "': " + what);
  }
  [[nodiscard]] bool over(const std::stop_token& stop) const {
    return lane_.clock->consumers_stop.load(std::memory_order_relaxed) || stop.stop_requested();
  }
  [[nodiscard]] kafka::ConfHandle make_conf();
  void subscribe();
  void gather();
  void finish_batch();
  void process();
  [[nodiscard]] std::vector<MemberLink::Delivery> deliveries();
  void store_or_commit();
  void commit_sync(const rd_kafka_topic_partition_list_t& offsets);
  [[nodiscard]] kafka::PartitionListHandle next_offsets() const;
  void tell_commit(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t* offsets);
  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void take_over(bool assign, rd_kafka_topic_partition_list_t* partitions);
  void leave();
  void add_notes();
  void close();

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;
  static void on_commit(rd_kafka_t*, rd_kafka_resp_err_t error,
                        rd_kafka_topic_partition_list_t* offsets, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;

  const GroupSettings& settings_;
  LaneContext& lane_;
  LaneReport report_;
  ClientEvents events_;

  std::vector<kafka::MessageHandle> batch_;  // polled, not processed yet
  std::set<std::int32_t> owned_;
  bool moved_ = false;  // the last round brought something
  std::uint32_t assignments_ = 0;
  std::map<std::int32_t, std::uint32_t>
      generation_;  // of each partition: the assignment it came by
  std::map<std::int32_t, std::int64_t> next_offset_;  // by partition that is assigned now
  std::uint64_t corrupt_ = 0, foreign_ = 0;
  std::map<rd_kafka_resp_err_t, std::uint64_t> commit_errors_;

  // Before its queue, which has to go first; after what its callbacks touch.
  kafka::ClientHandle client_;
  kafka::QueueHandle commits_;
};

GroupLane::GroupLane(const GroupSettings& settings, LaneContext& lane)
    : settings_(settings), lane_(lane) {
  check(lane.link != nullptr, "a member of a group has a link to its harness");
  auto client = kafka::make_client(kafka::ClientType::consumer, make_conf());
  if (!client) throw failure(client.error().message);
  client_ = std::move(*client);
  report_.effective_config = kafka::effective_config(*client_);
  report_.client_version = "librdkafka " + kafka::library_version();
  rd_kafka_poll_set_consumer(client_.get());
  commits_.reset(rd_kafka_queue_new(client_.get()));
}

kafka::ConfHandle GroupLane::make_conf() {
  auto properties = group_properties(settings_, lane_.properties);
  properties["bootstrap.servers"] = lane_.bootstrap;
  auto conf = kafka::make_conf(properties);
  if (!conf) throw failure(conf.error().message);
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), on_commit);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // its errors come by callback and are counted
  return std::move(*conf);
}

void GroupLane::subscribe() {
  const kafka::PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), lane_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw failure("cannot subscribe to '" + lane_.topic + "': " + rd_kafka_err2str(error));
  }
}

void GroupLane::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                             rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept {
  auto& lane = *static_cast<GroupLane*>(opaque);
  lane.events_.guarded([&] { lane.rebalance(what, partitions); });
}

void GroupLane::on_commit(rd_kafka_t*, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* offsets, void* opaque) noexcept {
  auto& lane = *static_cast<GroupLane*>(opaque);
  lane.events_.guarded([&] { lane.tell_commit(error, offsets); });
}

void GroupLane::on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept {
  auto& lane = *static_cast<GroupLane*>(opaque);
  lane.events_.guarded([&] { lane.events_.error(*client, code, reason); });
}

void GroupLane::rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  const bool assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  const bool lost = !assign && rd_kafka_assignment_lost(client_.get()) != 0;
  if (!assign) finish_batch();
  std::vector<std::int32_t> numbers;
  for (int i = 0; i < partitions->cnt; ++i) numbers.push_back(partitions->elems[i].partition);
  if (assign) {
    ++assignments_;
    for (const auto number : numbers) generation_[number] = assignments_;
  }
  for (const auto number : numbers) next_offset_.erase(number);
  using Change = MemberLink::Change;
  lane_.link->rebalanced(assign ? Change::assigned
                         : lost ? Change::lost
                                : Change::revoked,
                         numbers, assignments_);
  if (assign && kafka::resets_by_error(lane_.properties))
    kafka::begin_at_start(*client_, *partitions, offsets_time);
  take_over(assign, partitions);
  for (const auto number : numbers) {
    if (assign) owned_.insert(number);
    else owned_.erase(number);
  }
}

// Under the cooperative protocol partitions are added and taken away, under the eager one replaced.
void GroupLane::take_over(bool assign, rd_kafka_topic_partition_list_t* partitions) {
  rd_kafka_t* client = client_.get();
  const char* protocol = rd_kafka_rebalance_protocol(client);
  if (protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0) {
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

LaneReport GroupLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  subscribe();
  bool told = false;
  while (!over(stop)) {
    gather();
    finish_batch();
    if (assignments_ == 0)
      events_.require_accepted(lane_.workload, {{"session.timeout.ms", "session"}});
    if (!told && assignments_ > 0) ready();
    told = assignments_ > 0;
  }
  for (const auto& [partition, next] : next_offset_) lane_.link->read_until(partition, next);
  leave();
  close();
  events_.rethrow();
  add_notes();
  return std::move(report_);
}

// Takes what is there, up to a batch; the first message is waited for. A rebalance that is called
// back meanwhile finishes what was taken so far.
void GroupLane::gather() {
  moved_ = false;
  const auto most = static_cast<std::size_t>(settings_.batch);
  int wait_ms = poll_ms;
  while (batch_.size() < most) {
    kafka::MessageHandle message(rd_kafka_consumer_poll(client_.get(), wait_ms));
    events_.rethrow();
    if (!message) return;
    wait_ms = 0;
    moved_ = true;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      next_offset_[message->partition] = message->offset + 1;
      batch_.push_back(std::move(message));
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      next_offset_[message->partition] = message->offset;
    } else {
      ++report_.errors[message->partition][rd_kafka_err2name(message->err)];
      events_.answered(message->err, rd_kafka_message_errstr(message.get()));
    }
  }
}

void GroupLane::finish_batch() {
  if (batch_.empty()) return;
  if (settings_.commit == GroupCommit::before) commit_sync(*next_offsets());
  process();
  if (settings_.commit == GroupCommit::after || settings_.commit == GroupCommit::sync) {
    store_or_commit();
  }
  batch_.clear();
}

// Processing that takes no time is told of in one piece.
void GroupLane::process() {
  auto told = deliveries();
  if (settings_.handler <= nanoseconds(0)) return lane_.link->delivered(told);
  for (auto& delivery : told) {
    delivery.at_ns = to_ns(now());
    lane_.link->delivered({&delivery, 1});
    std::this_thread::sleep_for(settings_.handler);
  }
}

std::vector<MemberLink::Delivery> GroupLane::deliveries() {
  std::vector<MemberLink::Delivery> out;
  const std::int64_t at_ns = to_ns(now());
  for (const auto& message : batch_) {
    ledger::Identity identity;
    const std::span value(static_cast<const std::byte*>(message->payload), message->len);
    const bool corrupt = ledger::read(value, identity) == ledger::Reading::corrupt;
    const bool foreign = !corrupt && identity.trial_tag != lane_.trial_tag;
    corrupt_ += corrupt ? 1U : 0U;
    foreign_ += foreign ? 1U : 0U;
    out.push_back({.partition = message->partition,
                   .generation = generation_[message->partition],
                   .offset = message->offset,
                   .identified = !corrupt && !foreign,
                   .stream = identity.stream,
                   .seq = identity.seq,
                   .intended_ns = identity.intended_ns,
                   .at_ns = at_ns});
  }
  return out;
}

kafka::PartitionListHandle GroupLane::next_offsets() const {
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& message : batch_) next[message->partition] = message->offset + 1;
  kafka::PartitionListHandle offsets(
      rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(offsets.get(), lane_.topic.c_str(), partition)->offset =
        offset;
  }
  return offsets;
}

void GroupLane::store_or_commit() {
  const auto offsets = next_offsets();
  if (settings_.commit == GroupCommit::sync) return commit_sync(*offsets);
  const auto error = rd_kafka_offsets_store(client_.get(), offsets.get());
  // A partition that was taken away meanwhile is refused.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) tell_commit(error, offsets.get());
}

// The library's own blocking commit has no deadline; this one gives up when the trial has ended.
void GroupLane::commit_sync(const rd_kafka_topic_partition_list_t& offsets) {
  auto error = rd_kafka_commit_queue(client_.get(), &offsets, commits_.get(), nullptr, nullptr);
  const Instant asked = now();
  Instant deadline = asked + commit_time;
  while (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const kafka::EventHandle event(rd_kafka_queue_poll(commits_.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      return tell_commit(rd_kafka_event_error(event.get()),
                         rd_kafka_event_topic_partition_list(event.get()));
    }
    if (lane_.clock->consumers_stop.load(std::memory_order_relaxed)) {
      deadline = std::min(deadline, asked + stop_grace);
    }
    if (now() >= deadline) error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  tell_commit(error, &offsets);
}

// A rebalance under way, or a group that has gone on without this member, refuses its commits.
void GroupLane::tell_commit(rd_kafka_resp_err_t error,
                            const rd_kafka_topic_partition_list_t* offsets) {
  if (error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;  // there was nothing to commit
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++commit_errors_[error];
  if (offsets == nullptr) return;
  for (int i = 0; i < offsets->cnt; ++i) {
    const auto& one = offsets->elems[i];
    if (one.offset < 0) continue;
    const auto own = error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : one.err;
    lane_.link->committed(one.partition, one.offset, generation_[one.partition],
                          own == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2name(own));
  }
}

// Gives up its partitions before it closes; what it is handed meanwhile is processed, as its offset
// may be stored, and closing would drop it.
void GroupLane::leave() {
  rd_kafka_unsubscribe(client_.get());
  const Instant deadline = now() + close_time;
  while (!owned_.empty() && now() < deadline) {
    gather();
    finish_batch();
  }
  do {
    gather();
    finish_batch();
  } while (moved_ && now() < deadline);
}

void GroupLane::add_notes() {
  const auto note = [&](std::string text) { report_.notes.push_back(std::move(text)); };
  for (auto& text : events_.notes()) note(std::move(text));
  for (const auto& [error, times] : commit_errors_) {
    note("commit refused " + counted(times, "time") + " with " + rd_kafka_err2name(error));
  }
  if (corrupt_ > 0) note(counted(corrupt_, "message") + " without a readable identity");
  if (foreign_ > 0) note(counted(foreign_, "message") + " of another trial");
}

void GroupLane::close() {
  if (!client_) return;
  commits_.reset();
  const auto told = [this](rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets) {
    on_commit(nullptr, error, offsets, this);
  };
  if (kafka::close_consumer(client_, close_time, told) == kafka::Closing::abandoned) {
    events_.note("left group '" + settings_.group + "' without the coordinator's answer");
  }
}

std::string milliseconds_of(nanoseconds span) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(span).count());
}

}  // namespace

std::map<std::string, std::string> group_properties(
    const GroupSettings& settings, const std::map<std::string, std::string>& properties) {
  auto out = properties;
  const auto commit = settings.commit;
  const bool automatic = commit == GroupCommit::automatic;
  out["group.id"] = settings.group;
  out["enable.auto.commit"] = automatic || commit == GroupCommit::after ? "true" : "false";
  out["enable.auto.offset.store"] = automatic ? "true" : "false";
  out["enable.partition.eof"] = "true";
  // A group starts with no offsets, and what is produced before its first fetch counts as well.
  out.try_emplace("auto.offset.reset", "earliest");
  if (settings.assignment == Assignment::consumer) {
    out["group.protocol"] = "consumer";  // the brokers decide on sessions and assignment
    return out;
  }
  out["partition.assignment.strategy"] =
      settings.assignment == Assignment::cooperative ? "cooperative-sticky" : "range,roundrobin";
  out["session.timeout.ms"] = milliseconds_of(settings.session);
  out.try_emplace("heartbeat.interval.ms",
                  milliseconds_of(std::min<nanoseconds>(settings.session / 3, seconds(3))));
  return out;
}

LaneReport run_group_lane(const GroupSettings& settings, LaneContext& lane,
                          const std::function<void()>& ready, const std::stop_token& stop) {
  return GroupLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
