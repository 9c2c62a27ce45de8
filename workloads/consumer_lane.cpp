// Polling, recording, committing; and the library's rebalance callback.
#include "workloads/consumer_lane.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <thread>

#include "core/check.hpp"
#include "core/counted.hpp"
#include "kafka/config.hpp"
#include "kafka/consumer.hpp"
#include "ledger/group.hpp"
#include "ledger/identity.hpp"
#include "measure/recorder.hpp"
#include "workloads/client_events.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::size_t batch_messages = 1000;
constexpr int poll_ms = 5;  // short: the end of the trial is looked for in between
constexpr auto assign_time = seconds(30);
constexpr auto commit_time = seconds(60);
constexpr auto stop_grace = seconds(2);  // for a commit that is under way when the trial ends
constexpr auto close_time = seconds(5);
constexpr auto last_round_time = seconds(10);
constexpr auto offsets_time = seconds(5);  // for the coordinator to tell a group's offsets

class ConsumerLane {
 public:
  ConsumerLane(const ConsumerSettings& settings, LaneContext& lane);
  ~ConsumerLane();
  ConsumerLane(const ConsumerLane&) = delete;
  ConsumerLane& operator=(const ConsumerLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  [[nodiscard]] InfrastructureError failure(const std::string& what) const {
    return InfrastructureError("workload '" + lane_.workload + "': " + what);
  }
  [[nodiscard]] kafka::ConfHandle make_conf();
  void subscribe();
  void wait_for_assignment(const std::stop_token& stop);
  void wait_for_others(const std::function<void()>& ready);
  bool poll_once(int timeout_ms);
  bool gather(int timeout_ms);
  void finish_batch();
  void observe(const rd_kafka_message_t& message, std::int64_t done_ns);
  void record();
  void tell();
  void tell_commits();
  void handle(nanoseconds span) const;
  void commit();
  void commit_sync(const rd_kafka_topic_partition_list_t& offsets);
  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  void note_commit(const rd_kafka_topic_partition_list_t& offsets);
  void add_notes();
  void close();

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  static void on_commit(rd_kafka_t*, rd_kafka_resp_err_t error,
                        rd_kafka_topic_partition_list_t* offsets, void* opaque) noexcept;

  const ConsumerSettings& settings_;
  LaneContext& lane_;
  LaneReport report_;
  ClientEvents events_{lane_.counters};

  std::vector<kafka::MessageHandle> batch_;   // taken, not recorded yet
  std::vector<ledger::Delivery> deliveries_;  // of the batch being recorded
  // Answered while a batch was being taken: they may speak of its messages, which the library
  // counts as done since it gave them out.
  std::vector<std::pair<std::int32_t, std::int64_t>> commits_answered_;
  std::map<std::int32_t, std::uint32_t> assignment_;  // by partition: how often it was given
  std::map<std::int32_t, std::int64_t> next_offset_;  // by partition that is assigned now

  std::uint64_t consumed_ = 0, corrupt_ = 0, foreign_ = 0;
  std::map<rd_kafka_resp_err_t, std::uint64_t> commit_errors_;
  int assignments_ = 0, revocations_ = 0;

  // Before its queue, which has to go first; after what its callbacks touch.
  kafka::ClientHandle client_;
  kafka::QueueHandle commits_;
};

ConsumerLane::ConsumerLane(const ConsumerSettings& settings, LaneContext& lane)
    : settings_(settings), lane_(lane) {
  auto client = kafka::make_client(kafka::ClientType::consumer, make_conf());
  if (!client) throw failure(client.error().message);
  client_ = std::move(*client);
  report_.effective_config = kafka::effective_config(*client_);
  report_.client_version = "librdkafka " + kafka::library_version();
  rd_kafka_poll_set_consumer(client_.get());
  commits_.reset(rd_kafka_queue_new(client_.get()));
  batch_.reserve(batch_messages);
  deliveries_.reserve(batch_messages);
}

ConsumerLane::~ConsumerLane() { close(); }

kafka::ConfHandle ConsumerLane::make_conf() {
  auto properties = consumer_properties(settings_, lane_.properties);
  properties["bootstrap.servers"] = lane_.bootstrap;
  auto conf = kafka::make_conf(properties);
  if (!conf) throw failure(conf.error().message);
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  const auto on_throttle = [](rd_kafka_t*, const char*, std::int32_t, int ms, void* opaque) {
    static_cast<ConsumerLane*>(opaque)->events_.throttled(ms);
  };
  rd_kafka_conf_set_throttle_cb(conf->get(), on_throttle);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), on_commit);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // see the producing lane
  return std::move(*conf);
}

void ConsumerLane::subscribe() {
  const kafka::PartitionListHandle topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), lane_.topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client_.get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw failure("cannot subscribe to '" + lane_.topic + "': " + rd_kafka_err2str(error));
  }
}

void ConsumerLane::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what,
                                rd_kafka_topic_partition_list_t* partitions,
                                void* opaque) noexcept {
  auto& lane = *static_cast<ConsumerLane*>(opaque);
  lane.events_.guarded([&] { lane.rebalance(what, partitions); });
}

void ConsumerLane::on_error(rd_kafka_t* client, int code, const char* reason,
                            void* opaque) noexcept {
  auto& lane = *static_cast<ConsumerLane*>(opaque);
  lane.events_.guarded([&] { lane.events_.error(*client, code, reason); });
}

void ConsumerLane::on_commit(rd_kafka_t*, rd_kafka_resp_err_t error,
                             rd_kafka_topic_partition_list_t* offsets, void* opaque) noexcept {
  auto& lane = *static_cast<ConsumerLane*>(opaque);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || offsets == nullptr) return;  // the library tries again
  lane.events_.guarded([&] { lane.note_commit(*offsets); });
}

void ConsumerLane::note_commit(const rd_kafka_topic_partition_list_t& offsets) {
  for (int i = 0; i < offsets.cnt; ++i) {
    const auto& one = offsets.elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR || one.offset < 0) continue;
    commits_answered_.emplace_back(one.partition, one.offset);
  }
}

// Under the cooperative protocol partitions are added and taken away, under the eager one replaced.
// What was taken so far is recorded first: once its partitions are given up the library commits
// what it gave out, and another member goes on from there.
void ConsumerLane::rebalance(rd_kafka_resp_err_t what,
                             rd_kafka_topic_partition_list_t* partitions) {
  rd_kafka_t* client = client_.get();
  const char* protocol = rd_kafka_rebalance_protocol(client);
  const bool cooperative = protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0;
  const bool assign = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  ++(assign ? assignments_ : revocations_);
  if (!assign) finish_batch();
  for (int i = 0; i < partitions->cnt; ++i) {
    const auto partition = partitions->elems[i].partition;
    next_offset_.erase(partition);  // those that stay keep theirs
    if (assign) ++assignment_[partition];
  }
  if (assign && kafka::resets_by_error(lane_.properties))
    kafka::begin_at_start(*client, *partitions, offsets_time);
  if (cooperative && (assign || what == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)) {
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

void ConsumerLane::wait_for_assignment(const std::stop_token& stop) {
  const Instant deadline = now() + assign_time;
  while (assignments_ == 0 && !stop.stop_requested()) {
    if (now() >= deadline) {
      events_.note("no partitions were assigned within 30 s of joining group '" + settings_.group +
                   "'");
      return;
    }
    poll_once(poll_ms);
    events_.require_accepted(lane_.workload);
  }
}

// `ready` returns when all lanes are, and members that join later need this one to take part in
// their rebalance: so it goes on polling meanwhile, on another thread since this one is blocked.
void ConsumerLane::wait_for_others(const std::function<void()>& ready) {
  std::jthread poller([this](const std::stop_token& stop) {
    events_.guarded([&] {
      while (!stop.stop_requested()) poll_once(poll_ms);
    });
  });
  ready();
  poller.request_stop();
  poller.join();
  events_.rethrow();
}

LaneReport ConsumerLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  subscribe();
  wait_for_assignment(stop);
  wait_for_others(ready);
  const auto& ends = lane_.clock->consumers_stop;
  while (!ends.load(std::memory_order_relaxed) && !stop.stop_requested()) {
    poll_once(poll_ms);
    lane_.recorder->publish_if_due(to_ns(now()));
  }
  // What has arrived already was delivered; a handler that takes its time is not waited for, nor a
  // backlog that goes on arriving.
  const Instant enough = now() + last_round_time;
  while (settings_.handler == nanoseconds(0) && now() < enough && !stop.stop_requested() &&
         poll_once(0)) {
  }
  lane_.recorder->publish();
  for (const auto& [partition, next] : next_offset_) {
    if (lane_.link != nullptr) lane_.link->read_until(partition, next);
    else lane_.group->read_until(partition, next);
  }
  close();
  tell_commits();
  add_notes();
  return std::move(report_);
}

// One round; false if nothing came.
bool ConsumerLane::poll_once(int timeout_ms) {
  const bool came = gather(timeout_ms);
  finish_batch();
  tell_commits();  // nothing that came with them is unrecorded
  return came;
}

// The first message is waited for, then follows what came with it; a slow handler takes one message
// at a time, as applications do. One by one, not by the library's batch call: that counts messages
// as done (with `commit: auto`) which a rebalance in the middle of it drops (before 2.1.0), and the
// end of a partition as one message more (2.1.0 to 2.13.0).
bool ConsumerLane::gather(int timeout_ms) {
  bool came = false;
  const std::size_t most = settings_.handler == nanoseconds(0) ? batch_messages : 1;
  while (batch_.size() < most) {
    kafka::MessageHandle message(rd_kafka_consumer_poll(client_.get(), timeout_ms));
    events_.rethrow();
    if (!message) break;
    timeout_ms = 0;
    came = true;
    batch_.push_back(std::move(message));
  }
  return came;
}

void ConsumerLane::finish_batch() {
  if (batch_.empty()) return;
  const std::int64_t done_ns = to_ns(now());
  for (const auto& message : batch_) observe(*message, done_ns);
  record();
  tell_commits();
  if (settings_.handler > nanoseconds(0)) handle(settings_.handler);
  commit();
  batch_.clear();
  lane_.counters->consumed.store(consumed_, std::memory_order_relaxed);
}

void ConsumerLane::observe(const rd_kafka_message_t& message, std::int64_t done_ns) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    next_offset_[message.partition] = message.offset;
    return;
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++report_.errors[message.partition][rd_kafka_err2name(message.err)];
    events_.answered(message.err, rd_kafka_message_errstr(&message));
    return;
  }
  next_offset_[message.partition] = message.offset + 1;
  ledger::Identity identity;
  const std::span value(static_cast<const std::byte*>(message.payload), message.len);
  const bool corrupt = ledger::read(value, identity) == ledger::Reading::corrupt;
  const bool foreign = !corrupt && identity.trial_tag != lane_.trial_tag;
  corrupt_ += corrupt ? 1U : 0U;
  foreign_ += foreign ? 1U : 0U;
  deliveries_.push_back({.member = static_cast<std::uint32_t>(lane_.index),
                         .assignment = assignment_[message.partition],
                         .partition = message.partition,
                         .offset = message.offset,
                         .identified = !corrupt && !foreign,
                         .stream = identity.stream,
                         .seq = identity.seq,
                         .intended_ns = identity.intended_ns,
                         .delivered_ns = done_ns});
}

void ConsumerLane::record() {
  if (lane_.link != nullptr) return tell();
  lane_.group->observe(deliveries_);
  for (const ledger::Delivery& delivery : deliveries_) {
    if (!delivery.identified) continue;
    ++consumed_;
    lane_.recorder->consumed(delivery.intended_ns, delivery.delivered_ns, delivery.first);
    if (!delivery.first) ++report_.redelivered;
  }
  deliveries_.clear();
}

// In a process of its own: the harness records what it is told.
void ConsumerLane::tell() {
  std::vector<MemberLink::Delivery> told;
  told.reserve(deliveries_.size());
  for (const ledger::Delivery& one : deliveries_) {
    consumed_ += one.identified ? 1U : 0U;
    told.push_back({.partition = one.partition,
                    .generation = one.assignment,
                    .offset = one.offset,
                    .identified = one.identified,
                    .stream = one.stream,
                    .seq = one.seq,
                    .intended_ns = one.intended_ns,
                    .at_ns = one.delivered_ns});
  }
  lane_.link->delivered(told);
  deliveries_.clear();
}

void ConsumerLane::tell_commits() {
  for (const auto& [partition, offset] : commits_answered_) {
    if (lane_.link != nullptr) lane_.link->committed(partition, offset, assignment_[partition], "");
    else lane_.group->committed(partition, offset);
  }
  commits_answered_.clear();
}

void ConsumerLane::handle(nanoseconds span) const {
  const Instant end = now() + span;
  while (now() < end && !lane_.clock->consumers_stop.load(std::memory_order_relaxed)) {
    std::this_thread::sleep_until(std::min(end, now() + milliseconds(50)));
  }
}

void ConsumerLane::commit() {
  if (settings_.commit == Commit::automatic) return;
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& message : batch_) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) next[message->partition] = message->offset + 1;
  }
  if (next.empty()) return;
  const kafka::PartitionListHandle offsets(
      rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  const char* topic = lane_.topic.c_str();
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(offsets.get(), topic, partition)->offset = offset;
  }
  if (settings_.commit == Commit::sync) return commit_sync(*offsets);
  const auto error = rd_kafka_offsets_store(client_.get(), offsets.get());
  // A partition that was taken away meanwhile is refused.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++commit_errors_[error];
}

// The library's own blocking commit has no deadline; this one gives up when the trial has ended.
void ConsumerLane::commit_sync(const rd_kafka_topic_partition_list_t& offsets) {
  auto error = rd_kafka_commit_queue(client_.get(), &offsets, commits_.get(), nullptr, nullptr);
  const Instant asked = now();
  Instant deadline = asked + commit_time;
  while (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const kafka::EventHandle event(rd_kafka_queue_poll(commits_.get(), 50));
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      error = rd_kafka_event_error(event.get());
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        note_commit(*rd_kafka_event_topic_partition_list(event.get()));
      }
      break;
    }
    if (lane_.clock->consumers_stop.load(std::memory_order_relaxed)) {
      deadline = std::min(deadline, asked + stop_grace);
    }
    if (now() >= deadline) error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  // A rebalance under way refuses commits of the generation before: its messages come again.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++commit_errors_[error];
}

void ConsumerLane::add_notes() {
  const auto note = [&](std::string text) { report_.notes.push_back(std::move(text)); };
  for (auto& text : events_.notes()) note(std::move(text));
  for (const auto& [error, times] : commit_errors_) {
    note("commit refused " + counted(times, "time") + " with " + rd_kafka_err2name(error));
  }
  if (corrupt_ > 0) note(counted(corrupt_, "message") + " without a readable identity");
  if (foreign_ > 0) note(counted(foreign_, "message") + " of another trial");
  if (assignments_ > 1) {
    note(counted(static_cast<std::uint64_t>(assignments_), "assignment") + ", " +
         counted(static_cast<std::uint64_t>(revocations_), "revocation"));
  }
}

void ConsumerLane::close() {
  if (!client_) return;
  commits_.reset();
  const auto told = [this](rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* offsets) {
    on_commit(nullptr, error, offsets, this);
  };
  if (kafka::close_consumer(client_, close_time, told) == kafka::Closing::abandoned) {
    events_.note("left group '" + settings_.group + "' without the coordinator's answer");
  }
}

}  // namespace

std::map<std::string, std::string> consumer_properties(
    const ConsumerSettings& settings, const std::map<std::string, std::string>& properties) {
  auto out = properties;
  out["group.id"] = settings.group;
  out["enable.auto.commit"] = settings.commit == Commit::sync ? "false" : "true";
  out["enable.auto.offset.store"] = settings.commit == Commit::automatic ? "true" : "false";
  out["enable.partition.eof"] = "true";
  // A group starts with no offsets, and what is produced before its first fetch counts as well.
  out.try_emplace("auto.offset.reset", "earliest");
  return out;
}

LaneReport run_consumer_lane(const ConsumerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop) {
  return ConsumerLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
