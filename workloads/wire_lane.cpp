// The lane's loop: take, dispatch, settle, and let the producer work; then settle the rest.
#include "workloads/wire_lane.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "kafka/wire/producer.hpp"
#include "ledger/outcome.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "workloads/open_loop.hpp"
#include "workloads/tally.hpp"
#include "workloads/wire_batch.hpp"
#include "workloads/wire_options.hpp"
#include "workloads/wire_waiting.hpp"

namespace seatrial::workloads {
namespace {

using kafka::wire::Ended;

constexpr std::int64_t longest_nap_ns = 100'000'000;  // a stop is looked for in between
constexpr std::size_t most_at_once = 10'000;          // taken before anything else is looked at
constexpr auto connect_time = seconds(30);

// The lane's properties as wire connections take them.
kafka::wire::SecurityPtr security_of(const LaneContext& lane) {
  auto made = kafka::wire::Security::from(kafka::security_properties(lane.properties));
  if (!made) throw InfrastructureError("workload '" + lane.workload + "': " + made.error().message);
  return std::move(*made);
}

kafka::wire::ProducerTerms terms_of(const WireSettings& wire, const LaneContext& lane) {
  return {.bootstrap = lane.bootstrap,
          .security = security_of(lane),
          .topic = lane.topic,
          .partitions = lane.partitions,
          .produce = {.acks = static_cast<std::int16_t>(wire.acks == ledger::Acks::none  ? 0
                                                        : wire.acks == ledger::Acks::all ? -1
                                                                                         : 1),
                      .timeout_ms = wire.request_timeout_ms},
          .least_version = wire.codec == kafka::wire::Codec::zstd
                               ? kafka::wire::produce_versions.most
                               : kafka::wire::produce_versions.least,
          .max_in_flight = wire.max_in_flight,
          .answer_ns = wire.socket_timeout_ns,
          .idempotent = wire.idempotent};
}

class WireLane {
 public:
  WireLane(const ProducerSettings& settings, LaneContext& lane);
  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  void connect(const std::stop_token& stop);
  void wait_for_start(const std::stop_token& stop);
  // The loop.
  void work(const std::stop_token& stop);
  void take_due(std::int64_t now_ns);
  std::size_t take_run(std::uint64_t room, std::int64_t now_ns);
  std::size_t take_one(std::int64_t now_ns);
  void dispatch(std::int64_t now_ns);
  void dispatch_partition(std::size_t partition, std::int64_t now_ns);
  WireBatch& fill_batch(std::size_t partition, std::size_t messages, std::int64_t late_ns);
  void send(std::size_t partition, std::size_t messages, std::int64_t late_ns, std::int64_t now_ns);
  void expire(std::size_t partition, std::int64_t now_ns);
  [[nodiscard]] std::int64_t next_wake_ns(std::int64_t now_ns);
  void publish(std::int64_t now_ns);
  // Outcomes.
  void settle_ended();
  void settle(WireBatch& batch, const Ended& end);
  void count(WireBatch& batch, ledger::Outcome outcome, std::int64_t done_ns);
  void count_error(const WireBatch& batch, int error, std::int64_t at_ns);
  void settle_answers();
  void close_books();

  const ProducerSettings& settings_;
  LaneContext& lane_;
  ledger::LaneLedger& ledger_;
  LaneReport report_;
  WireSettings wire_;
  kafka::wire::Producer producer_;
  WireEncoder encoder_;
  RandomEngine random_;
  Partitioner partitioner_;
  OpenLoop loop_;

  std::vector<Waiting> waiting_;  // by partition
  std::vector<std::unique_ptr<WireBatch>> batches_;
  std::vector<WireBatch*> spare_;
  std::size_t first_partition_ = 0;  // to be dispatched: each is the first in turn
  std::int64_t linger_until_ns_ = 0;  // the first planned departure of what waits
  std::size_t missing_ = 0;           // messages, at least, until another batch is full
  std::uint64_t queue_most_ = 0;
  std::uint64_t waiting_count_ = 0, in_flight_ = 0;  // messages

  Tally tally_;
};

WireLane::WireLane(const ProducerSettings& settings, LaneContext& lane)
    : settings_(settings),
      lane_(lane),
      ledger_(*lane.ledger),
      report_{.effective_config = wire_properties(lane.properties),
              .client_version = "seatrial wire " SEATRIAL_VERSION},
      wire_(report_.effective_config),
      producer_(terms_of(wire_, lane)),
      encoder_({.head = producer_.head(),
                .batch_bytes = wire_.batch_bytes,
                .batch_messages = wire_.batch_messages,
                .size = settings.size.least() == settings.size.most() ? settings.size.most() : 0,
                .most_size = settings.size.most(),
                .keys = !settings.keys.none(),
                .codec = wire_.codec,
                .trial_tag = lane.trial_tag,
                .payloads = Payloads(settings.entropy, settings.size.most(), lane.seed + 1)}),
      random_(lane.seed),
      partitioner_(settings.partitioning, lane.partitions,
                   {.bytes = wire_.batch_bytes,
                    .messages = wire_.batch_messages,
                    .linger_ns = std::max<std::int64_t>(wire_.linger_ns, 1'000'000)},
                   lane.seed + 2),
      loop_({settings.rate, settings.arrivals, settings.count}, lane),
      waiting_(static_cast<std::size_t>(lane.partitions), Waiting(wire_.linger_ns)),
      queue_most_(std::max<std::uint64_t>(
          1, std::min(wire_.queue_messages, wire_.queue_bytes / settings.size.most()))) {
  // One slot each: the ledger has twice as many.
  if (ledger_.keeps_operations()) queue_most_ = std::min<std::uint64_t>(queue_most_, 1 << 16);
}

LaneReport WireLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  // Timers of this thread fire within a microsecond instead of the kernel's usual 50.
  prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
  connect(stop);
  ready();
  loop_.start();
  wait_for_start(stop);
  work(stop);
  settle_answers();
  close_books();
  return std::move(report_);
}

void WireLane::connect(const std::stop_token& stop) {
  const Instant deadline = now() + connect_time;
  while (!producer_.connected() && !stop.stop_requested()) {
    if (now() >= deadline) {
      throw InfrastructureError("workload '" + lane_.workload + "': topic '" + lane_.topic +
                                "' is not ready for producing: " + producer_.trouble());
    }
    producer_.work(to_ns(now()) + longest_nap_ns);
  }
}

void WireLane::wait_for_start(const std::stop_token& stop) {
  const std::int64_t start_ns = lane_.clock->start_ns;
  for (std::int64_t now_ns = to_ns(now()); now_ns < start_ns && !stop.stop_requested();
       now_ns = to_ns(now())) {
    producer_.work(std::min(start_ns, now_ns + longest_nap_ns));
  }
}

void WireLane::work(const std::stop_token& stop) {
  while (true) {
    const std::int64_t now_ns = to_ns(now());
    loop_.turn(stop, now_ns);
    if (now_ns >= loop_.settle_until_ns()) return;
    take_due(now_ns);
    dispatch(now_ns);
    publish(now_ns);
    if (waiting_count_ == 0 && !loop_.intending(now_ns)) return;
    producer_.work(next_wake_ns(now_ns));
    settle_ended();
  }
}

void WireLane::take_due(std::int64_t now_ns) {
  for (std::size_t left = most_at_once; left > 0 && loop_.intending(now_ns);) {
    if (loop_.next_ns(now_ns) > now_ns) return;
    const std::uint64_t queued = waiting_count_ + in_flight_;
    if (queued >= queue_most_) return loop_.block(now_ns);
    const std::size_t taken =
        encoder_.alike() ? take_run(queue_most_ - queued, now_ns) : take_one(now_ns);
    waiting_count_ += taken;
    left -= std::min(left, taken);
  }
}

// At least one has fallen due, and at most as many are taken as go to one partition.
std::size_t WireLane::take_run(std::uint64_t room, std::int64_t now_ns) {
  const std::uint64_t size = settings_.size.most();
  const auto run = partitioner_.next_run(size, std::min<std::uint64_t>(room, most_at_once),
                                         loop_.next_ns(now_ns));
  Waiting& waiting = waiting_[static_cast<std::size_t>(run.partition)];
  const std::size_t taken =
      loop_.take_due(run.most, std::min(now_ns, run.until_ns), waiting.intended_ns);
  partitioner_.took(taken, size);
  waiting.took(taken, now_ns);
  lane_.recorder->intended_run(std::span(waiting.intended_ns).last(taken));
  return taken;
}

std::size_t WireLane::take_one(std::int64_t now_ns) {
  MessageShape shape{.size = settings_.size.next(random_)};
  std::string key;
  if (!settings_.keys.none()) {
    shape.key = settings_.keys.next(random_);
    key = std::to_string(shape.key);
  }
  const auto bytes = std::as_bytes(std::span(key));
  const std::int64_t intended_ns = loop_.next_ns(now_ns);
  const std::int32_t partition = partitioner_.pick(bytes, shape.size, intended_ns);
  Waiting& waiting = waiting_[static_cast<std::size_t>(partition)];
  waiting.intended_ns.push_back(intended_ns);
  waiting.shapes.push_back(shape);
  waiting.took(1, now_ns);
  lane_.recorder->intended(intended_ns);
  loop_.take();
  return 1;
}

void WireLane::dispatch(std::int64_t now_ns) {
  linger_until_ns_ = INT64_MAX;
  missing_ = encoder_.fit(0, {}).missing;
  if (waiting_count_ == 0) return;
  if (settings_.before_handover) settings_.before_handover(tally_.handed);
  const std::size_t partitions = waiting_.size();
  first_partition_ = (first_partition_ + 1) % partitions;
  for (std::size_t i = 0; i < partitions && waiting_count_ > 0; ++i) {
    dispatch_partition((first_partition_ + i) % partitions, now_ns);
  }
}

void WireLane::dispatch_partition(std::size_t partition, std::int64_t now_ns) {
  Waiting& waiting = waiting_[partition];
  const bool was_held = std::exchange(waiting.held, false);
  while (waiting.count() > 0) {
    if (now_ns - waiting.taken_ns() >= wire_.message_timeout_ns) {
      expire(partition, now_ns);
      continue;
    }
    const WireEncoder::Fit fit = encoder_.fit(waiting.count(), waiting.waiting_shapes());
    if (!fit.full && now_ns < waiting.leaves_ns()) {
      linger_until_ns_ = std::min(linger_until_ns_, waiting.leaves_ns());
      missing_ = std::min(missing_, fit.missing);
      return;
    }
    waiting.come_to(now_ns);
    if (!producer_.takes(static_cast<std::int32_t>(partition), now_ns)) {
      waiting.held = true;
      linger_until_ns_ = std::min(linger_until_ns_, waiting.next_ns());
      return;
    }
    // What filled up while the broker had no room could not have left then.
    const bool late = fit.full && !was_held;
    send(partition, fit.messages, late ? now_ns - waiting.waiting_ns()[fit.filling] : 0, now_ns);
  }
}

// A batch of the messages that have waited longest, opened in the ledger.
WireBatch& WireLane::fill_batch(std::size_t partition, std::size_t messages, std::int64_t late_ns) {
  if (spare_.empty()) {
    batches_.push_back(std::make_unique<WireBatch>());
    spare_.push_back(batches_.back().get());
  }
  WireBatch& batch = *spare_.back();
  spare_.pop_back();
  Waiting& waiting = waiting_[partition];
  waiting.move_to(batch, messages, late_ns);
  batch.partition = static_cast<std::int32_t>(partition);
  const auto stream = static_cast<std::uint32_t>(partition);
  batch.slots.clear();
  if (!ledger_.keeps_operations()) {
    batch.slots.push_back(
        ledger_.open_run(stream, batch.intended_ns.front(), static_cast<std::uint32_t>(messages)));
    ledger_.slot(batch.slots.front()).sent_ns =
        batch.taken.front().sent.of(batch.intended_ns.front());
  } else {
    std::size_t i = 0;
    for (const Taken& taken : batch.taken) {
      for (const std::size_t end = i + taken.messages; i < end; ++i) {
        batch.slots.push_back(ledger_.open(stream, batch.intended_ns[i]));
        ledger_.slot(batch.slots.back()).sent_ns = taken.sent.of(batch.intended_ns[i]);
      }
    }
  }
  waiting_count_ -= messages;
  in_flight_ += messages;
  tally_.handed += messages;
  return batch;
}

void WireLane::send(std::size_t partition, std::size_t messages, std::int64_t late_ns,
                    std::int64_t now_ns) {
  Waiting& waiting = waiting_[partition];
  const std::int64_t oldest_ns = waiting.taken_ns();
  WireBatch& batch = fill_batch(partition, messages, late_ns);
  batch.expires_ns =
      wire_.message_timeout_ns == INT64_MAX ? INT64_MAX : oldest_ns + wire_.message_timeout_ns;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  batch.seal.timestamp_ms = std::chrono::duration_cast<milliseconds>(wall).count();
  const WireEncoder::Stream stream{
      .id = StreamId(lane_.first_stream + static_cast<std::uint32_t>(partition)),
      .first = Seq(ledger_.slot(batch.slots.front()).seq)};
  encoder_.encode(batch, stream,
                  encoder_.alike() ? std::span<const MessageShape>()
                                   : waiting.waiting_shapes().first(messages));
  waiting.drop(messages);
  producer_.submit(batch, now_ns);
}

// Nobody took them in time, so they were never sent.
void WireLane::expire(std::size_t partition, std::int64_t now_ns) {
  Waiting& waiting = waiting_[partition];
  const std::size_t messages =
      std::min<std::size_t>(waiting.together(), ledger::LaneLedger::most_in_run);
  WireBatch& batch = fill_batch(partition, messages, 0);
  batch.ambiguous = false;
  waiting.drop(messages);
  settle(batch, {.batch = &batch, .error = kafka::wire::error_expired, .at_ns = now_ns});
}

std::int64_t WireLane::next_wake_ns(std::int64_t now_ns) {
  return wake_ns(loop_, wire_.linger_ns,
                 {.leaves_ns = linger_until_ns_,
                  .missing = missing_,
                  .room = queue_most_ - std::min(queue_most_, waiting_count_ + in_flight_),
                  .no_later_ns = std::min(now_ns + longest_nap_ns, loop_.settle_until_ns())},
                 now_ns);
}

void WireLane::publish(std::int64_t now_ns) {
  tally_.publish(loop_.taken(), loop_.backpressure_ns(), *lane_.counters);
  lane_.recorder->publish_if_due(now_ns);
}

// --- Outcomes
// -------------------------------------------------------------------------------------

void WireLane::settle_ended() {
  for (const Ended& end : producer_.ended()) settle(static_cast<WireBatch&>(*end.batch), end);
  producer_.clear_ended();
}

void WireLane::settle(WireBatch& batch, const Ended& end) {
  ledger::DeliveryReport reported{.acks = wire_.acks, .error = end.error, .offset = end.offset};
  if (end.error != 0) {
    const bool maybe = batch.ambiguous;
    reported.status = end.answered || !maybe ? ledger::Persistence::not_persisted
                                             : ledger::Persistence::possibly_persisted;
    reported.earlier_attempt_ambiguous = maybe;
    reported.never_transmitted = !end.answered && !maybe;
    count_error(batch, end.error, end.at_ns);
  }
  const ledger::Judgement judged = ledger::judge(reported);
  count(batch, judged.outcome, end.at_ns);
  for (std::size_t i = 0; i < batch.slots.size(); ++i) {
    const std::int64_t offset =
        judged.offset < 0 ? judged.offset : judged.offset + static_cast<std::int64_t>(i);
    ledger_.slot(batch.slots[i]).acked_ns.store(end.at_ns, std::memory_order_relaxed);
    ledger_.settle(batch.slots[i], judged.outcome, offset);
  }
  in_flight_ -= batch.intended_ns.size();
  spare_.push_back(&batch);
}

void WireLane::count_error(const WireBatch& batch, int error, std::int64_t at_ns) {
  const char* name = rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error));
  const std::size_t messages = batch.intended_ns.size();
  report_.errors[batch.partition][name] += messages;
  if (lane_.availability == nullptr) return;
  lane_.availability->error(lane_.first_partition + static_cast<std::size_t>(batch.partition), name,
                            at_ns, messages);
}

void WireLane::count(WireBatch& batch, ledger::Outcome outcome, std::int64_t done_ns) {
  measure::LaneRecorder& recorder = *lane_.recorder;
  std::span<const std::int64_t> rest(batch.intended_ns);
  for (const Taken& taken : batch.taken) {
    const auto part = rest.first(taken.messages);
    rest = rest.subspan(taken.messages);
    switch (outcome) {
      case ledger::Outcome::sent: recorder.sent_run(part, taken.sent); break;
      case ledger::Outcome::acked: recorder.acked_run(part, taken.sent, done_ns); break;
      case ledger::Outcome::failed:
        for (const auto at_ns : part) recorder.failed(at_ns, taken.sent.of(at_ns), done_ns);
        break;
      case ledger::Outcome::unknown:
        for (const auto at_ns : part) recorder.censored(at_ns, taken.sent.of(at_ns), done_ns);
        break;
    }
  }
  tally_.add(outcome, batch.intended_ns.size());
  if (lane_.availability == nullptr || outcome == ledger::Outcome::sent) return;
  // Of messages with one answer the oldest is told: it says as much as all of them do.
  const std::size_t cell = lane_.first_partition + static_cast<std::size_t>(batch.partition);
  const std::int64_t oldest_ns = batch.intended_ns.front();
  if (outcome == ledger::Outcome::acked) {
    lane_.availability->acked(cell, oldest_ns, done_ns);
  } else {
    lane_.availability->not_acked(cell, oldest_ns);
  }
}

void WireLane::settle_answers() {
  while (producer_.open_batches() > 0) {
    const std::int64_t now_ns = to_ns(now());
    if (now_ns >= loop_.settle_until_ns()) break;
    producer_.work(std::min(now_ns + longest_nap_ns, loop_.settle_until_ns()));
    settle_ended();
    publish(now_ns);
  }
  producer_.abandon();
  settle_ended();
}

// What never was in a batch is unsent, at its age; and the sum must come out.
void WireLane::close_books() {
  const std::int64_t now_ns = to_ns(now());
  for (std::size_t partition = 0; partition < waiting_.size(); ++partition) {
    const Waiting& waiting = waiting_[partition];
    if (waiting.count() == 0) continue;
    const auto left = waiting.waiting_ns();
    for (const std::int64_t intended_ns : left) {
      lane_.recorder->censored(intended_ns, 0, now_ns);
    }
    report_.unsent += left.size();
    if (lane_.availability == nullptr) continue;
    lane_.availability->not_acked(lane_.first_partition + partition, left.front());
  }
  loop_.close(now_ns, report_);
  publish(now_ns);
  lane_.recorder->publish();
  check(ledger_.in_flight() == 0, "every message that was opened is settled");
  tally_.check_sums(report_);
}

}  // namespace

LaneReport run_wire_lane(const ProducerSettings& settings, LaneContext& lane,
                         const std::function<void()>& ready, const std::stop_token& stop) {
  return WireLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
