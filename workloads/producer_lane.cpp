// The lane's loop: take, hand over, poll, idle; then settle and close.
#include "workloads/producer_lane.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <vector>

#include "core/check.hpp"
#include "kafka/config.hpp"
#include "ledger/ledger.hpp"
#include "ledger/outcome.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "workloads/client_events.hpp"
#include "workloads/open_loop.hpp"
#include "workloads/payload.hpp"

namespace seatrial::workloads {
namespace {

constexpr std::size_t batch_messages = 1000;      // a larger produce_batch gains nothing
constexpr std::size_t batch_bytes = 1 << 20;      // room for payloads of one produce_batch
constexpr std::int64_t shortest_nap_ns = 50'000;  // below it, waking costs more than it gains
constexpr std::int64_t long_gap_ns = 2'000'000;   // the client's own wait is precise enough here
constexpr auto connect_time = seconds(30);
constexpr int close_time_ms = 1000;

// A message that the ledger knows and the client does not have yet.
struct Waiting {
  ledger::SlotIndex slot = 0;
  std::uint32_t size = 0;
  std::uint64_t key = 0;
};

struct KeyText {
  std::array<char, 20> digits{};
  std::size_t size = 0;
  KeyText() = default;
  explicit KeyText(std::uint64_t key) {
    const auto end = std::to_chars(digits.begin(), digits.end(), key).ptr;
    size = static_cast<std::size_t>(end - digits.begin());
  }
  [[nodiscard]] std::span<const std::byte> bytes() const {
    return std::as_bytes(std::span(digits.data(), size));
  }
};

// Slot indices travel as the message's opaque, one higher, so that none of them is a null pointer.
void* to_opaque(ledger::SlotIndex index) {
  return reinterpret_cast<void*>(std::uintptr_t{index} + 1);  // NOLINT: never dereferenced
}
ledger::SlotIndex from_opaque(const void* opaque) {
  return static_cast<ledger::SlotIndex>(reinterpret_cast<std::uintptr_t>(opaque) - 1);
}

void sleep_until_ns(std::int64_t at_ns) {
  const timespec at{at_ns / 1'000'000'000, at_ns % 1'000'000'000};
  // A signal may wake it early, which is fine: callers loop.
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

// Leaves the core's other thread room while this one waits awake.
void spin_once() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class ProducerLane {
 public:
  ProducerLane(const ProducerSettings& settings, LaneContext& lane);
  ~ProducerLane();
  ProducerLane(const ProducerLane&) = delete;
  ProducerLane& operator=(const ProducerLane&) = delete;

  LaneReport run(const std::function<void()>& ready, const std::stop_token& stop);

 private:
  [[nodiscard]] InfrastructureError failure(const std::string& what) const {
    return InfrastructureError("workload '" + lane_.workload + "': " + what);
  }
  // Connecting.
  [[nodiscard]] kafka::ConfHandle make_conf();
  void read_effective_config();
  void wait_for_topic(const std::stop_token& stop);
  void wait_for_start(const std::stop_token& stop);
  void poll_for(std::int64_t gap_ns);
  // The loop.
  void work(const std::stop_token& stop);
  void take_due(std::int64_t now_ns);
  void take(std::int64_t intended_ns, std::int64_t now_ns);
  void hand_over(std::int64_t now_ns);
  bool hand_over_partition(std::uint32_t partition);
  std::size_t fill_batch(const std::vector<Waiting>& waiting, std::size_t from);
  void refused(const Waiting& message, rd_kafka_resp_err_t error, std::int64_t now_ns);
  void idle(std::int64_t now_ns);
  [[nodiscard]] bool intending(std::int64_t now_ns) const;
  [[nodiscard]] std::int64_t settle_until() const {
    return settle_until_ns(*lane_.clock, stopped_ns_);
  }
  void publish_counters();
  // The end.
  void settle_deliveries();
  void settle(const rd_kafka_message_t& report);
  void count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns);
  void count_error(const ledger::Slot& slot, rd_kafka_resp_err_t error, std::int64_t at_ns);
  void close_books();
  void close_client();

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* report, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* opaque, char*,
                                    std::size_t) noexcept;
  static rd_kafka_resp_err_t on_acknowledgement(rd_kafka_t*, rd_kafka_message_t* message,
                                                void* opaque) noexcept;

  const ProducerSettings& settings_;
  LaneContext& lane_;
  ledger::LaneLedger& ledger_;
  LaneReport report_;
  ClientEvents events_{lane_.counters};

  RandomEngine random_;
  Payloads payloads_;
  std::optional<Partitioner> partitioner_;
  std::optional<measure::Pacer> pacer_;  // none in the closed loop

  std::vector<std::vector<Waiting>> waiting_;  // by partition, in sequence
  std::size_t waiting_count_ = 0;
  std::vector<rd_kafka_message_t> batch_;
  std::vector<KeyText> batch_keys_;
  std::vector<std::byte> batch_payloads_;

  ledger::Acks acks_ = ledger::Acks::all;
  std::int64_t retry_free_ns_ = 0;  // a message younger than this was never retried
  std::uint64_t limit_ = UINT64_MAX;
  std::int64_t intend_until_ns_ = 0;
  std::int64_t stopped_ns_ = 0;  // when a stop was seen; 0: none
  bool blocked_ = false;         // the client's queue or the ledger is full
  std::int64_t blocked_since_ns_ = 0;
  bool settled_ = false;  // reports that come later change nothing any more

  std::uint64_t taken_ = 0, handed_ = 0, sent_ = 0, acked_ = 0, failed_ = 0, unknown_ = 0;
  std::uint64_t backpressure_ns_ = 0;

  kafka::ClientHandle client_;  // last: its callbacks touch the above
  kafka::TopicHandle topic_;
};

ProducerLane::ProducerLane(const ProducerSettings& settings, LaneContext& lane)
    : settings_(settings),
      lane_(lane),
      ledger_(*lane.ledger),
      random_(lane.seed),
      payloads_(settings.entropy, settings.size.most(), lane.seed + 1),
      waiting_(static_cast<std::size_t>(lane.partitions)),
      batch_(batch_messages),
      batch_keys_(batch_messages),
      batch_payloads_(std::max<std::size_t>(batch_bytes, settings.size.most())) {
  if (settings.count > 0) limit_ = share_of(settings.count, lane.index, lane.lanes);
  auto client = kafka::make_client(kafka::ClientType::producer, make_conf());
  if (!client) throw failure(client.error().message);
  client_ = std::move(*client);
  topic_.reset(rd_kafka_topic_new(client_.get(), lane.topic.c_str(), nullptr));
  check(topic_ != nullptr, "a topic object can be made");
  read_effective_config();
}

ProducerLane::~ProducerLane() {
  settled_ = true;
  close_client();
}

kafka::ConfHandle ProducerLane::make_conf() {
  auto properties = lane_.properties;
  properties["bootstrap.servers"] = lane_.bootstrap;
  auto conf = kafka::make_conf(properties);
  if (!conf) throw failure(conf.error().message);
  rd_kafka_conf_t* raw = conf->get();
  rd_kafka_conf_set_opaque(raw, this);
  rd_kafka_conf_set_dr_msg_cb(raw, on_delivery);
  rd_kafka_conf_set_error_cb(raw, on_error);
  const auto on_throttle = [](rd_kafka_t*, const char*, std::int32_t, int ms, void* opaque) {
    static_cast<ProducerLane*>(opaque)->events_.throttled(ms);
  };
  rd_kafka_conf_set_throttle_cb(raw, on_throttle);
  // What matters comes to on_error; a log would flood the terminal.
  rd_kafka_conf_set_log_cb(raw, nullptr);
  rd_kafka_conf_interceptor_add_on_new(raw, "seatrial", on_new, this);
  return std::move(*conf);
}

void ProducerLane::read_effective_config() {
  report_.effective_config = kafka::effective_config(*client_);
  report_.client_version = "librdkafka " + kafka::library_version();
  const auto& config = report_.effective_config;
  const auto number = [&](const char* name) { return std::stod(config.at(name)); };
  const std::string& acks = config.at("acks");
  acks_ = acks == "0"     ? ledger::Acks::none
          : acks == "all" ? ledger::Acks::all
                          : ledger::Acks::leader;
  // The client retries after its backoff, which newer versions vary by a fifth.
  retry_free_ns_ = std::llround(number("retry.backoff.ms") * 0.75e6);
  const BatchLimits limits{
      .bytes = static_cast<std::uint64_t>(number("batch.size")),
      .messages = static_cast<std::uint64_t>(number("batch.num.messages")),
      .linger_ns = std::max<std::int64_t>(std::llround(number("linger.ms") * 1e6), 1'000'000)};
  partitioner_.emplace(settings_.partitioning, lane_.partitions, limits, lane_.seed + 2);
}

rd_kafka_resp_err_t ProducerLane::on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* opaque,
                                         char*, std::size_t) noexcept {
  return rd_kafka_interceptor_add_on_acknowledgement(client, "seatrial", on_acknowledgement,
                                                     opaque);
}

// On a broker thread: the delivery report waits in a queue until the lane polls, the ack does not.
rd_kafka_resp_err_t ProducerLane::on_acknowledgement(rd_kafka_t*, rd_kafka_message_t* message,
                                                     void* opaque) noexcept {
  auto& lane = *static_cast<ProducerLane*>(opaque);
  if (message->_private != nullptr) {
    // Relaxed: the queue that carries the report to the lane publishes it.
    lane.ledger_.slot(from_opaque(message->_private))
        .acked_ns.store(to_ns(now()), std::memory_order_relaxed);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void ProducerLane::on_delivery(rd_kafka_t*, const rd_kafka_message_t* report,
                               void* opaque) noexcept {
  auto& lane = *static_cast<ProducerLane*>(opaque);
  lane.events_.guarded([&] { lane.settle(*report); });
}

void ProducerLane::on_error(rd_kafka_t* client, int code, const char* reason,
                            void* opaque) noexcept {
  auto& lane = *static_cast<ProducerLane*>(opaque);
  lane.events_.guarded([&] { lane.events_.error(*client, code, reason); });
}

void ProducerLane::wait_for_topic(const std::stop_token& stop) {
  const Instant deadline = now() + connect_time;
  std::string trouble = "no answer";
  while (now() < deadline && !stop.stop_requested()) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, topic_.get(), &found, 500);
    rd_kafka_poll(client_.get(), 0);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      trouble = rd_kafka_err2str(error);
      continue;
    }
    const int partitions = found->topic_cnt == 1 ? found->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(found);
    if (partitions == lane_.partitions) return;
    trouble = "it has " + std::to_string(partitions) + " partitions instead of " +
              std::to_string(lane_.partitions);
    rd_kafka_poll(client_.get(), 50);
  }
  if (!stop.stop_requested()) {
    throw failure("topic '" + lane_.topic + "' is not ready for producing: " + trouble);
  }
}

void ProducerLane::wait_for_start(const std::stop_token& stop) {
  const std::int64_t start_ns = lane_.clock->start_ns;
  while (!stop.stop_requested()) {
    const std::int64_t left_ns = start_ns - to_ns(now());
    if (left_ns <= 0) return;
    if (left_ns < long_gap_ns) return sleep_until_ns(start_ns);
    poll_for(left_ns);
  }
}

// Waits in the client for most of a long gap: deliveries that come meanwhile end the wait.
void ProducerLane::poll_for(std::int64_t gap_ns) {
  constexpr std::int64_t longest_ms = 100;  // a stop is looked for in between
  rd_kafka_poll(client_.get(), static_cast<int>(std::min(gap_ns / 1'000'000 - 1, longest_ms)));
}

LaneReport ProducerLane::run(const std::function<void()>& ready, const std::stop_token& stop) {
  // Timers of this thread fire within a microsecond instead of the kernel's usual 50.
  prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
  wait_for_topic(stop);
  ready();
  intend_until_ns_ = lane_.clock->intend_until_ns;
  if (!settings_.rate.unlimited) {
    pacer_.emplace(settings_.rate, settings_.arrivals, lane_.index, lane_.lanes,
                   lane_.clock->start_ns, lane_.seed);
  }
  wait_for_start(stop);
  work(stop);
  settle_deliveries();
  close_books();
  close_client();
  for (auto& note : events_.notes()) report_.notes.push_back(std::move(note));
  return std::move(report_);
}

bool ProducerLane::intending(std::int64_t now_ns) const {
  if (taken_ >= limit_) return false;
  return (pacer_ ? pacer_->next_ns() : now_ns) < intend_until_ns_;
}

void ProducerLane::work(const std::stop_token& stop) {
  while (true) {
    const std::int64_t now_ns = to_ns(now());
    if (stopped_ns_ == 0 && stop.stop_requested()) {
      stopped_ns_ = now_ns;
      intend_until_ns_ = std::min(intend_until_ns_, now_ns);
    }
    if (std::exchange(blocked_, false)) {
      backpressure_ns_ += static_cast<std::uint64_t>(now_ns - blocked_since_ns_);
    }
    if (now_ns >= settle_until()) return;
    if (!events_.fatal()) {
      take_due(now_ns);
      hand_over(now_ns);
    }
    rd_kafka_poll(client_.get(), 0);
    events_.rethrow();
    publish_counters();
    lane_.recorder->publish_if_due(now_ns);
    // A client that can send no more keeps its time: what falls due until the end is unsent.
    const bool backlog = waiting_count_ > 0 || intending(now_ns);
    if (!backlog || (events_.fatal() && now_ns >= intend_until_ns_)) return;
    idle(now_ns);
  }
}

void ProducerLane::take_due(std::int64_t now_ns) {
  while (waiting_count_ < batch_messages && intending(now_ns)) {
    const std::int64_t intended_ns = pacer_ ? pacer_->next_ns() : now_ns;
    if (intended_ns > now_ns) return;
    if (ledger_.full()) {
      blocked_ = true;
      blocked_since_ns_ = now_ns;
      return;
    }
    take(intended_ns, now_ns);
    if (pacer_) pacer_->advance();
  }
}

void ProducerLane::take(std::int64_t intended_ns, std::int64_t now_ns) {
  Waiting message{.size = settings_.size.next(random_)};
  KeyText key;
  if (!settings_.keys.none()) {
    message.key = settings_.keys.next(random_);
    key = KeyText(message.key);
  }
  const std::int32_t partition = partitioner_->pick(key.bytes(), message.size, now_ns);
  message.slot = ledger_.open(static_cast<std::uint32_t>(partition), intended_ns);
  waiting_[static_cast<std::size_t>(partition)].push_back(message);
  ++waiting_count_;
  ++taken_;
  lane_.recorder->intended(intended_ns);
}

void ProducerLane::hand_over(std::int64_t now_ns) {
  if (waiting_count_ == 0) return;
  if (settings_.before_handover) settings_.before_handover(handed_);
  for (std::uint32_t partition = 0; partition < waiting_.size(); ++partition) {
    if (hand_over_partition(partition)) continue;
    blocked_ = true;  // the queue is the whole client's, so no other partition has room either
    blocked_since_ns_ = now_ns;
    return;
  }
}

// Builds messages from `from` on until the batch is full; their number.
std::size_t ProducerLane::fill_batch(const std::vector<Waiting>& waiting, std::size_t from) {
  std::size_t used = 0;
  std::size_t n = 0;
  for (; n < batch_messages && from + n < waiting.size(); ++n) {
    const Waiting& message = waiting[from + n];
    if (used + message.size > batch_payloads_.size()) break;
    const ledger::Slot& slot = ledger_.slot(message.slot);
    const std::span<std::byte> value(batch_payloads_.data() + used, message.size);
    payloads_.fill(value, {.trial_tag = lane_.trial_tag,
                           .stream = StreamId(lane_.first_stream + slot.stream),
                           .seq = Seq(slot.seq),
                           .intended_ns = slot.intended_ns});
    used += message.size;
    rd_kafka_message_t& out = batch_[n];
    out = {};
    out.payload = value.data();
    out.len = value.size();
    out._private = to_opaque(message.slot);
    if (!settings_.keys.none()) {
      batch_keys_[n] = KeyText(message.key);
      out.key = batch_keys_[n].digits.data();
      out.key_len = batch_keys_[n].size;
    }
  }
  return n;
}

// False if the client's queue is full: what was refused stays at the front, in sequence.
bool ProducerLane::hand_over_partition(std::uint32_t partition) {
  auto& waiting = waiting_[partition];
  std::size_t from = 0;
  bool room = true;
  while (room && from < waiting.size()) {
    const std::size_t n = fill_batch(waiting, from);
    const std::int64_t sent_ns = to_ns(now());
    for (std::size_t i = 0; i < n; ++i) ledger_.slot(waiting[from + i].slot).sent_ns = sent_ns;
    const int accepted =
        rd_kafka_produce_batch(topic_.get(), static_cast<std::int32_t>(partition),
                               RD_KAFKA_MSG_F_COPY, batch_.data(), static_cast<int>(n));
    if (accepted == static_cast<int>(n)) {
      handed_ += n;
      from += n;
      continue;
    }
    for (std::size_t i = 0; i < n && room; ++i) {
      const auto error = batch_[i].err;
      room = error != RD_KAFKA_RESP_ERR__QUEUE_FULL && !events_.fatal() &&
             error != RD_KAFKA_RESP_ERR__FATAL;
      if (!room) break;  // and so were all that follow
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) ++handed_;
      else refused(waiting[from], error, sent_ns);
      ++from;
    }
  }
  for (std::size_t i = from; i < waiting.size(); ++i) ledger_.slot(waiting[i].slot).sent_ns = 0;
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(from));
  waiting_count_ -= from;
  return room;
}

// The client will never take this one (it is too large, say): nothing was transmitted.
void ProducerLane::refused(const Waiting& message, rd_kafka_resp_err_t error, std::int64_t now_ns) {
  const ledger::Slot& slot = ledger_.slot(message.slot);
  const auto judged = ledger::judge({.acks = acks_,
                                     .error = error,
                                     .status = ledger::Persistence::not_persisted,
                                     .never_transmitted = true});
  ++handed_;
  count_error(slot, error, now_ns);
  count(judged.outcome, slot, now_ns);
  ledger_.settle(message.slot, judged.outcome, judged.offset);
}

void ProducerLane::idle(std::int64_t now_ns) {
  if (blocked_ || events_.fatal()) {
    rd_kafka_poll(client_.get(), 1);  // deliveries make room, and end the wait
    return;
  }
  if (!pacer_ || waiting_count_ > 0) return;
  const std::int64_t due_ns = std::min(pacer_->next_ns(), intend_until_ns_);
  const std::int64_t gap_ns = due_ns - now_ns;
  const std::int64_t spin_ns = settings_.spin.count();
  if (gap_ns >= long_gap_ns) {
    poll_for(gap_ns);
  } else if (spin_ns > 0) {
    if (gap_ns > spin_ns) sleep_until_ns(due_ns - spin_ns);
    while (to_ns(now()) < due_ns) spin_once();
  } else if (gap_ns > 0) {
    sleep_until_ns(now_ns + std::max(gap_ns, shortest_nap_ns));
  }
}

void ProducerLane::publish_counters() {
  LaneCounters& out = *lane_.counters;
  constexpr auto relaxed = std::memory_order_relaxed;
  out.due.store(taken_, relaxed);
  out.handed.store(handed_, relaxed);
  out.sent.store(sent_, relaxed);
  out.acked.store(acked_, relaxed);
  out.failed.store(failed_, relaxed);
  out.unknown.store(unknown_, relaxed);
  out.backpressure_ns.store(backpressure_ns_, relaxed);
}

void ProducerLane::settle(const rd_kafka_message_t& report) {
  if (settled_) return;
  const ledger::SlotIndex index = from_opaque(report._private);
  const ledger::Slot& slot = ledger_.slot(index);
  std::int64_t done_ns = slot.acked_ns.load(std::memory_order_relaxed);
  if (done_ns == 0) done_ns = to_ns(now());
  ledger::DeliveryReport told{.acks = acks_, .error = report.err, .offset = report.offset};
  if (report.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    told.status = static_cast<ledger::Persistence>(rd_kafka_message_status(&report));
    // The library tells of no earlier attempts, but none fits into less than its backoff.
    told.earlier_attempt_ambiguous = done_ns - slot.sent_ns >= retry_free_ns_;
    count_error(slot, report.err, done_ns);
  }
  const ledger::Judgement judged = ledger::judge(told);
  count(judged.outcome, slot, done_ns);
  ledger_.settle(index, judged.outcome, judged.offset);
}

void ProducerLane::count_error(const ledger::Slot& slot, rd_kafka_resp_err_t error,
                               std::int64_t at_ns) {
  const char* name = rd_kafka_err2name(error);
  ++report_.errors[static_cast<std::int32_t>(slot.stream)][name];
  if (lane_.availability == nullptr) return;
  lane_.availability->error(lane_.first_partition + slot.stream, name, at_ns);
}

void ProducerLane::count(ledger::Outcome outcome, const ledger::Slot& slot, std::int64_t done_ns) {
  measure::LaneRecorder& recorder = *lane_.recorder;
  const std::size_t cell = lane_.first_partition + slot.stream;
  switch (outcome) {
    case ledger::Outcome::sent:
      ++sent_;
      recorder.sent(slot.intended_ns, slot.sent_ns);
      return;
    case ledger::Outcome::acked:
      ++acked_;
      recorder.acked(slot.intended_ns, slot.sent_ns, done_ns);
      if (lane_.availability != nullptr) lane_.availability->acked(cell, slot.intended_ns, done_ns);
      return;
    case ledger::Outcome::failed:
      ++failed_;
      recorder.failed(slot.intended_ns, slot.sent_ns, done_ns);
      break;
    case ledger::Outcome::unknown:
      ++unknown_;
      recorder.censored(slot.intended_ns, slot.sent_ns, done_ns);
      break;
  }
  if (lane_.availability != nullptr) lane_.availability->not_acked(cell, slot.intended_ns);
}

void ProducerLane::settle_deliveries() {
  while (ledger_.in_flight() > waiting_count_) {
    const std::int64_t now_ns = to_ns(now());
    if (now_ns >= settle_until()) break;
    rd_kafka_poll(client_.get(), 10);
    events_.rethrow();
    publish_counters();
    lane_.recorder->publish_if_due(now_ns);
  }
  settled_ = true;
}

// What was never handed over is unsent, what is still open is unknown, both at their age; and the
// sum must come out.
void ProducerLane::close_books() {
  const std::int64_t now_ns = to_ns(now());
  report_.intended = taken_;
  for (auto& waiting : waiting_) {
    for (; !waiting.empty(); waiting.pop_back()) {  // only a stream's newest can be taken back
      const ledger::Slot& slot = ledger_.slot(waiting.back().slot);
      lane_.recorder->censored(slot.intended_ns, 0, now_ns);
      if (lane_.availability != nullptr) {
        lane_.availability->not_acked(lane_.first_partition + slot.stream, slot.intended_ns);
      }
      ledger_.retract(waiting.back().slot);
      ++report_.unsent;
    }
  }
  waiting_count_ = 0;
  close_schedule(pacer_, std::min(intend_until_ns_, now_ns), limit_, now_ns, lane_, report_);
  ledger_.each_open([&](ledger::SlotIndex index) {
    const ledger::Slot& slot = ledger_.slot(index);
    count(ledger::Outcome::unknown, slot, now_ns);
    ledger_.settle(index, ledger::Outcome::unknown, -1);
  });
  publish_counters();
  lane_.recorder->publish();
  check(report_.intended == handed_ + report_.unsent, "intended = handed + unsent in every lane");
  check(handed_ == sent_ + acked_ + failed_ + unknown_,
        "handed = sent + acked + failed + unknown in every lane");
}

// Nothing is awaited any more: purging lets the client go without delay, whatever the brokers do.
void ProducerLane::close_client() {
  if (!client_) return;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_.get(), close_time_ms);
  topic_.reset();
  client_.reset();
}

}  // namespace

LaneReport run_producer_lane(const ProducerSettings& settings, LaneContext& lane,
                             const std::function<void()>& ready, const std::stop_token& stop) {
  return ProducerLane(settings, lane).run(ready, stop);
}

}  // namespace seatrial::workloads
