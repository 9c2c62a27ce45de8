// Polling, recording, committing.
#include "workloads/consumer_lane.hpp"

#include <algorithm>
#include <thread>

#include "core/check.hpp"
#include "core/counted.hpp"
#include "ledger/group.hpp"
#include "measure/recorder.hpp"
#include "workloads/client_events.hpp"
#include "workloads/identity_reader.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::size_t batch_messages = 1000;
constexpr int poll_ms = 5;  // short: the end of the trial is looked for in between
constexpr auto assign_time = seconds(30);
constexpr auto last_round_time = seconds(10);

class ConsumerLane {
 public:
  ConsumerLane(const ConsumerSettings& settings, LaneContext& lane);
  ConsumerLane(const ConsumerLane&) = delete;
  ConsumerLane& operator=(const ConsumerLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  void wait_for_assignment(const std::stop_token& stop);
  void wait_for_others(const std::function<void()>& ready);
  bool poll_once(int timeout_ms);
  bool gather(int timeout_ms);
  void finish_batch();
  void observe(const rd_kafka_message_t& message, std::int64_t done_ns);
  void record();
  void report();
  void report_commits();
  void handle(nanoseconds span) const;
  void commit();
  void moves(MemberLink::Change change, std::span<const std::int32_t> partitions);
  void committed(GroupClient::Answer answer, rd_kafka_resp_err_t error,
                 const rd_kafka_topic_partition_list_t* offsets);
  void add_notes();

  const ConsumerSettings& settings_;
  LaneContext& lane_;
  LaneReport report_;
  ClientEvents events_;
  IdentityReader identities_;

  std::vector<kafka::MessageHandle> batch_;   // taken, not recorded yet
  std::vector<ledger::Delivery> deliveries_;  // of the batch being recorded
  // Answered while a batch was being taken: they may speak of its messages, which the library
  // counts as done since it gave them out.
  std::vector<std::pair<std::int32_t, std::int64_t>> commits_answered_;
  std::map<std::int32_t, std::uint32_t> assignment_;  // by partition: how often it was given

  std::uint64_t consumed_ = 0;
  std::map<rd_kafka_resp_err_t, std::uint64_t> commit_errors_;
  int assignments_ = 0, revocations_ = 0;
  GroupClient client_;  // last: its callbacks touch the above
};

ConsumerLane::ConsumerLane(const ConsumerSettings& settings, LaneContext& lane)
    : settings_(settings),
      lane_(lane),
      events_(lane.counters),
      identities_(lane.trial_tag),
      client_(lane, reading_properties(settings.group, settings.commit, lane.properties), events_,
              {.moves = [this](auto change, auto partitions) { moves(change, partitions); },
               .committed = [this](auto answer, auto error,
                                   const auto* offsets) { committed(answer, error, offsets); }}) {
  report_.effective_config = client_.effective_config();
  report_.client_version = "librdkafka " + kafka::library_version();
  batch_.reserve(batch_messages);
  deliveries_.reserve(batch_messages);
}

// An answer in the background that is no success: the library tries again.
void ConsumerLane::committed(GroupClient::Answer answer, rd_kafka_resp_err_t error,
                             const rd_kafka_topic_partition_list_t* offsets) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // A rebalance under way refuses commits of the generation before: its messages come again.
    if (answer == GroupClient::Answer::awaited) ++commit_errors_[error];
    return;
  }
  for (int i = 0; offsets != nullptr && i < offsets->cnt; ++i) {
    const auto& one = offsets->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR || one.offset < 0) continue;
    commits_answered_.emplace_back(one.partition, one.offset);
  }
}

// What was taken so far is recorded first: once its partitions are given up the library commits
// what it gave out, and another member goes on from there.
void ConsumerLane::moves(MemberLink::Change change, std::span<const std::int32_t> partitions) {
  const bool assign = change == MemberLink::Change::assigned;
  ++(assign ? assignments_ : revocations_);
  if (!assign) return finish_batch();
  for (const auto partition : partitions) ++assignment_[partition];
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
  client_.subscribe();
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
  for (const auto& [partition, next] : client_.positions()) {
    if (lane_.link != nullptr) lane_.link->read_until(partition, next);
    else lane_.group->read_until(partition, next);
  }
  client_.close();
  report_commits();
  add_notes();
  return std::move(report_);
}

// One round; false if nothing came.
bool ConsumerLane::poll_once(int timeout_ms) {
  const bool came = gather(timeout_ms);
  finish_batch();
  report_commits();  // nothing that came with them is unrecorded
  return came;
}

// The first message is waited for, then follows what came with it; a slow handler takes one message
// at a time, as applications do.
bool ConsumerLane::gather(int timeout_ms) {
  bool came = false;
  const std::size_t most = settings_.handler == nanoseconds(0) ? batch_messages : 1;
  while (batch_.size() < most) {
    kafka::MessageHandle message = client_.poll(timeout_ms);
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
  report_commits();
  if (settings_.handler > nanoseconds(0)) handle(settings_.handler);
  commit();
  batch_.clear();
  lane_.counters->consumed.store(consumed_, std::memory_order_relaxed);
}

void ConsumerLane::observe(const rd_kafka_message_t& message, std::int64_t done_ns) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return client_.advance(message);
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++report_.errors[message.partition][rd_kafka_err2name(message.err)];
    events_.answered(message.err, rd_kafka_message_errstr(&message));
    return;
  }
  client_.advance(message);
  const auto read = identities_.read(message);
  deliveries_.push_back({.member = static_cast<std::uint32_t>(lane_.index),
                         .assignment = assignment_[message.partition],
                         .partition = message.partition,
                         .offset = message.offset,
                         .identified = read.identified,
                         .stream = read.identity.stream,
                         .seq = read.identity.seq,
                         .intended_ns = read.identity.intended_ns,
                         .delivered_ns = done_ns});
}

void ConsumerLane::record() {
  if (lane_.link != nullptr) return report();
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
void ConsumerLane::report() {
  std::vector<MemberLink::Delivery> reported;
  reported.reserve(deliveries_.size());
  for (const ledger::Delivery& one : deliveries_) {
    consumed_ += one.identified ? 1U : 0U;
    reported.push_back({.partition = one.partition,
                        .generation = one.assignment,
                        .offset = one.offset,
                        .identified = one.identified,
                        .stream = one.stream,
                        .seq = one.seq,
                        .intended_ns = one.intended_ns,
                        .at_ns = one.delivered_ns});
  }
  lane_.link->delivered(reported);
  deliveries_.clear();
}

void ConsumerLane::report_commits() {
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
  NextOffsets next;
  for (const auto& message : batch_) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) next[message->partition] = message->offset + 1;
  }
  if (next.empty()) return;
  if (settings_.commit == Commit::sync) return client_.commit_sync(next);
  const auto error = client_.store(next);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++commit_errors_[error];
}

void ConsumerLane::add_notes() {
  const auto note = [&](std::string text) { report_.notes.push_back(std::move(text)); };
  for (auto& text : events_.notes()) note(std::move(text));
  add_refusals(commit_errors_, report_.notes);
  identities_.add_notes(report_.notes);
  if (assignments_ > 1) {
    note(counted(static_cast<std::uint64_t>(assignments_), "assignment") + ", " +
         counted(static_cast<std::uint64_t>(revocations_), "revocation"));
  }
}

}  // namespace

LaneReport run_consumer_lane(const ConsumerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop) {
  return ConsumerLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
