// Polling, telling, processing, committing.
#include "workloads/group_lane.hpp"

#include <algorithm>
#include <set>

#include "core/check.hpp"
#include "workloads/client_events.hpp"
#include "workloads/identity_reader.hpp"
#include "workloads/obedience.hpp"

namespace seatrial::workloads {
namespace {

constexpr int poll_ms = 5;  // short: the end of the trial is looked for in between
constexpr auto leave_time = seconds(5);

class GroupLane {
 public:
  GroupLane(const GroupSettings& settings, LaneContext& lane);
  GroupLane(const GroupLane&) = delete;
  GroupLane& operator=(const GroupLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  [[nodiscard]] bool over(const std::stop_token& stop) const {
    return lane_.clock->consumers_stop.load(std::memory_order_relaxed) || stop.stop_requested();
  }
  void gather();
  void finish_batch();
  void process();
  [[nodiscard]] std::vector<MemberLink::Delivery> deliveries();
  [[nodiscard]] NextOffsets next_offsets() const;
  void store();
  void report_commit(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t* offsets);
  void report_commit(std::int32_t partition, std::int64_t offset, rd_kafka_resp_err_t error);
  void moves(MemberLink::Change change, std::span<const std::int32_t> partitions);
  void leave();

  const GroupSettings& settings_;
  LaneContext& lane_;
  LaneReport report_;
  ClientEvents events_;
  IdentityReader identities_;
  Obedience obedience_;

  std::vector<kafka::MessageHandle> batch_;  // polled, not processed yet
  std::set<std::int32_t> owned_;
  bool moved_ = false;  // the last round brought something
  std::uint32_t assignments_ = 0;
  std::map<std::int32_t, std::uint32_t>
      generation_;  // of each partition: the assignment it came by
  std::map<rd_kafka_resp_err_t, std::uint64_t> commit_errors_;
  GroupClient client_;  // last: its callbacks touch the above
};

GroupLane::GroupLane(const GroupSettings& settings, LaneContext& lane)
    : settings_(settings),
      lane_(lane),
      events_(lane.counters),
      identities_(lane.trial_tag),
      obedience_(lane.conduct),
      client_(lane, group_properties(settings, lane.properties), events_,
              {.moves = [this](auto change, auto partitions) { moves(change, partitions); },
               .committed = [this](auto, auto error,
                                   const auto* offsets) { report_commit(error, offsets); }}) {
  report_.effective_config = client_.effective_config();
  report_.client_version = "librdkafka " + kafka::library_version();
}

void GroupLane::moves(MemberLink::Change change, std::span<const std::int32_t> partitions) {
  const bool assign = change == MemberLink::Change::assigned;
  if (!assign) finish_batch();
  assignments_ += assign ? 1U : 0U;
  for (const auto partition : partitions) {
    if (assign) generation_[partition] = assignments_;
    if (assign) owned_.insert(partition);
    else owned_.erase(partition);
  }
  lane_.link->rebalanced(change, partitions, assignments_);
}

LaneReport GroupLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  check(lane_.link != nullptr, "a member of a group has a link to its harness");
  client_.subscribe();
  bool reported = false;
  while (!over(stop)) {
    obedience_.await_poll([&] { return over(stop); });
    gather();
    obedience_.polled();
    finish_batch();
    if (assignments_ == 0)
      events_.require_accepted(lane_.workload, {{"session.timeout.ms", "session"}});
    if (!reported && assignments_ > 0) ready();
    reported = assignments_ > 0;
  }
  for (const auto& [partition, next] : client_.positions()) {
    lane_.link->read_until(partition, next);
  }
  leave();
  client_.close();
  events_.rethrow();
  for (auto& text : events_.notes()) report_.notes.push_back(std::move(text));
  add_refusals(commit_errors_, report_.notes);
  identities_.add_notes(report_.notes);
  return std::move(report_);
}

// Takes what is there, up to a batch; the first message is waited for. A rebalance that is called
// back meanwhile finishes what was taken so far.
void GroupLane::gather() {
  moved_ = false;
  const auto most = static_cast<std::size_t>(settings_.batch);
  int wait_ms = poll_ms;
  while (batch_.size() < most) {
    kafka::MessageHandle message = client_.poll(wait_ms);
    if (!message) return;
    wait_ms = 0;
    moved_ = true;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      client_.advance(*message);
      batch_.push_back(std::move(message));
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      client_.advance(*message);
    } else {
      ++report_.errors[message->partition][rd_kafka_err2name(message->err)];
      events_.answered(message->err, rd_kafka_message_errstr(message.get()));
    }
  }
}

void GroupLane::finish_batch() {
  if (batch_.empty()) return;
  if (settings_.commit == Commit::before) client_.commit_sync(next_offsets());
  process();
  if (settings_.commit == Commit::sync) client_.commit_sync(next_offsets());
  if (settings_.commit == Commit::after) store();
  batch_.clear();
}

// Processing that takes no time is told of in one piece.
void GroupLane::process() {
  auto reported = deliveries();
  if (settings_.handler + obedience_.slower_by() <= nanoseconds(0))
    return lane_.link->delivered(reported);
  for (auto& delivery : reported) {
    delivery.at_ns = to_ns(now());
    lane_.link->delivered({&delivery, 1});
    obedience_.handle(settings_.handler);
  }
}

std::vector<MemberLink::Delivery> GroupLane::deliveries() {
  std::vector<MemberLink::Delivery> out;
  const std::int64_t at_ns = to_ns(now());
  for (const auto& message : batch_) {
    const auto read = identities_.read(*message);
    out.push_back({.partition = message->partition,
                   .generation = generation_[message->partition],
                   .offset = message->offset,
                   .identified = read.identified,
                   .stream = read.identity.stream,
                   .seq = read.identity.seq,
                   .intended_ns = read.identity.intended_ns,
                   .at_ns = at_ns});
  }
  return out;
}

NextOffsets GroupLane::next_offsets() const {
  NextOffsets next;
  for (const auto& message : batch_) next[message->partition] = message->offset + 1;
  return next;
}

void GroupLane::store() {
  const NextOffsets next = next_offsets();
  const auto error = client_.store(next);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  ++commit_errors_[error];
  for (const auto& [partition, offset] : next) report_commit(partition, offset, error);
}

// A rebalance under way, or a group that has gone on without this member, refuses its commits.
void GroupLane::report_commit(rd_kafka_resp_err_t error,
                              const rd_kafka_topic_partition_list_t* offsets) {
  if (error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;  // there was nothing to commit
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) ++commit_errors_[error];
  for (int i = 0; offsets != nullptr && i < offsets->cnt; ++i) {
    const auto& one = offsets->elems[i];
    if (one.offset < 0) continue;
    report_commit(one.partition, one.offset, error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : one.err);
  }
}

void GroupLane::report_commit(std::int32_t partition, std::int64_t offset,
                              rd_kafka_resp_err_t error) {
  lane_.link->committed(partition, offset, generation_[partition],
                        error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2name(error));
}

// Gives up its partitions before it closes; what it is handed meanwhile is processed, as its offset
// may be stored, and closing would drop it.
void GroupLane::leave() {
  client_.unsubscribe();
  const Instant deadline = now() + leave_time;
  while (!owned_.empty() && now() < deadline) {
    gather();
    finish_batch();
  }
  do {
    gather();
    finish_batch();
  } while (moved_ && now() < deadline);
}

std::string milliseconds_of(nanoseconds span) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(span).count());
}

}  // namespace

std::map<std::string, std::string> group_properties(
    const GroupSettings& settings, const std::map<std::string, std::string>& properties) {
  auto out = reading_properties(settings.group, settings.commit, properties);
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
