// The lane's loop: take, hand over, poll, idle; then settle and close.
#include "workloads/producer_lane.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <vector>

#include "core/check.hpp"
#include "core/numbers.hpp"
#include "kafka/config.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "workloads/client_events.hpp"
#include "workloads/deliveries.hpp"
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
  std::int64_t planned_ns = 0;  // when it was to be handed over
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

// When the broker thread that reads it has received its latest answer to a produce request.
thread_local std::int64_t answered_ns = 0;

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
  void take(std::int64_t now_ns);
  void hand_over(std::int64_t now_ns);
  bool hand_over_partition(std::uint32_t partition);
  std::size_t fill_batch(const std::vector<Waiting>& waiting, std::size_t from);
  void tell_handed(std::span<const Waiting> messages, std::int64_t sent_ns);
  void idle(std::int64_t now_ns);
  void publish_counters();
  // The end.
  void settle_deliveries();
  void settle(const rd_kafka_message_t& report);
  void close_books();
  void close_client();

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* report, void* opaque) noexcept;
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) noexcept;
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* opaque, char*,
                                    std::size_t) noexcept;
  static rd_kafka_resp_err_t on_response(rd_kafka_t*, int, const char*, std::int32_t,
                                         std::int16_t api_key, std::int16_t, std::int32_t,
                                         std::size_t, std::int64_t, rd_kafka_resp_err_t,
                                         void*) noexcept;
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
  OpenLoop loop_;
  Deliveries deliveries_;

  std::int64_t wake_ns_ = 0;
  std::int64_t planned_ns_ = 0;                // what is due until then was to be handed over then
  std::vector<std::vector<Waiting>> waiting_;  // by partition, in sequence
  std::size_t waiting_count_ = 0;
  std::vector<rd_kafka_message_t> batch_;
  std::vector<KeyText> batch_keys_;
  std::vector<std::byte> batch_payloads_;

  bool settled_ = false;  // reports that come later change nothing any more

  kafka::ClientHandle client_;  // last: its callbacks touch the above
  kafka::TopicHandle topic_;
};

ProducerLane::ProducerLane(const ProducerSettings& settings, LaneContext& lane)
    : settings_(settings),
      lane_(lane),
      ledger_(*lane.ledger),
      random_(lane.seed),
      payloads_(settings.entropy, settings.size.most(), lane.seed + 1),
      loop_({settings.rate, settings.arrivals, settings.count}, lane),
      deliveries_(lane, report_),
      waiting_(static_cast<std::size_t>(lane.partitions)),
      batch_(batch_messages),
      batch_keys_(batch_messages),
      batch_payloads_(std::max<std::size_t>(batch_bytes, settings.size.most())) {
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
  deliveries_.understand(config);
  const auto number = [&](const char* name) { return number_in(config, name); };
  const std::int64_t linger_ns = std::llround(number("linger.ms") * 1e6);
  if (settings_.spin.count() == 0 && !settings_.rate.unlimited) {
    const nanoseconds wake = settings_.wake.value_or(default_wake(nanoseconds(linger_ns)));
    wake_ns_ = std::min<std::int64_t>(wake.count(), linger_ns);
  }
  report_.wake_ns = wake_ns_;
  if (wake_ns_ > 0) lane_.recorder->plan_handovers();
  const BatchLimits limits{.bytes = static_cast<std::uint64_t>(number("batch.size")),
                           .messages = static_cast<std::uint64_t>(number("batch.num.messages")),
                           .linger_ns = std::max<std::int64_t>(linger_ns, 1'000'000)};
  partitioner_.emplace(settings_.partitioning, lane_.partitions, limits, lane_.seed + 2);
}

rd_kafka_resp_err_t ProducerLane::on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* opaque,
                                         char*, std::size_t) noexcept {
  rd_kafka_interceptor_add_on_response_received(client, "seatrial", on_response, opaque);
  return rd_kafka_interceptor_add_on_acknowledgement(client, "seatrial", on_acknowledgement,
                                                     opaque);
}

// On a broker thread, which then settles the answer's messages without looking at anything else:
// one look at the clock serves them all.
rd_kafka_resp_err_t ProducerLane::on_response(rd_kafka_t*, int, const char*, std::int32_t,
                                              std::int16_t api_key, std::int16_t, std::int32_t,
                                              std::size_t, std::int64_t, rd_kafka_resp_err_t,
                                              void*) noexcept {
  constexpr std::int16_t produce = 0;
  if (api_key == produce) answered_ns = to_ns(now());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// On a broker thread: the delivery report waits in a queue until the lane polls, the ack does not.
// What ended without an answer (acks=0, a timeout) is looked at by itself.
rd_kafka_resp_err_t ProducerLane::on_acknowledgement(rd_kafka_t*, rd_kafka_message_t* message,
                                                     void* opaque) noexcept {
  auto& lane = *static_cast<ProducerLane*>(opaque);
  if (message->_private == nullptr) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const bool answered =
      message->err == RD_KAFKA_RESP_ERR_NO_ERROR && lane.deliveries_.acks() != ledger::Acks::none;
  // Relaxed: the queue that carries the report to the lane publishes it.
  lane.ledger_.slot(from_opaque(message->_private))
      .acked_ns.store(answered ? answered_ns : to_ns(now()), std::memory_order_relaxed);
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
    events_.require_accepted(lane_.workload);
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
  loop_.start();
  wait_for_start(stop);
  work(stop);
  settle_deliveries();
  close_books();
  close_client();
  for (auto& note : events_.notes()) report_.notes.push_back(std::move(note));
  return std::move(report_);
}

void ProducerLane::work(const std::stop_token& stop) {
  while (true) {
    const std::int64_t now_ns = to_ns(now());
    loop_.turn(stop, now_ns);
    if (now_ns >= loop_.settle_until_ns()) return;
    if (!events_.fatal()) {
      take_due(now_ns);
      hand_over(now_ns);
    }
    rd_kafka_poll(client_.get(), 0);
    events_.rethrow();
    publish_counters();
    lane_.recorder->publish_if_due(now_ns);
    // A client that can send no more keeps its time: what falls due until the end is unsent.
    const bool backlog = waiting_count_ > 0 || loop_.intending(now_ns);
    if (!backlog || (events_.fatal() && now_ns >= loop_.until_ns())) return;
    idle(now_ns);
  }
}

void ProducerLane::take_due(std::int64_t now_ns) {
  while (waiting_count_ < batch_messages && loop_.intending(now_ns)) {
    if (loop_.next_ns(now_ns) > now_ns) return;
    if (ledger_.full()) return loop_.block(now_ns);
    take(now_ns);
    loop_.take();
  }
}

void ProducerLane::take(std::int64_t now_ns) {
  const std::int64_t intended_ns = loop_.next_ns(now_ns);
  Waiting message{.size = settings_.size.next(random_)};
  KeyText key;
  if (!settings_.keys.none()) {
    message.key = settings_.keys.next(random_);
    key = KeyText(message.key);
  }
  const std::int32_t partition = partitioner_->pick(key.bytes(), message.size, now_ns);
  message.slot = ledger_.open(static_cast<std::uint32_t>(partition), intended_ns);
  message.planned_ns = std::max(intended_ns, planned_ns_);
  waiting_[static_cast<std::size_t>(partition)].push_back(message);
  ++waiting_count_;
  lane_.recorder->intended(intended_ns);
}

void ProducerLane::hand_over(std::int64_t now_ns) {
  if (waiting_count_ == 0) return;
  if (settings_.before_handover) settings_.before_handover(deliveries_.tally.handed);
  for (std::uint32_t partition = 0; partition < waiting_.size(); ++partition) {
    if (hand_over_partition(partition)) continue;
    return loop_.block(now_ns);  // the queue is the whole client's: no partition has room
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
      deliveries_.tally.handed += n;
      tell_handed(std::span(waiting).subspan(from, n), sent_ns);
      from += n;
      continue;
    }
    for (std::size_t i = 0; i < n && room; ++i) {
      const auto error = batch_[i].err;
      room = error != RD_KAFKA_RESP_ERR__QUEUE_FULL && !events_.fatal() &&
             error != RD_KAFKA_RESP_ERR__FATAL;
      if (!room) break;  // and so were all that follow
      tell_handed(std::span(waiting).subspan(from, 1), sent_ns);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) ++deliveries_.tally.handed;
      else deliveries_.refused(waiting[from].slot, error, sent_ns);
      ++from;
    }
  }
  for (std::size_t i = from; i < waiting.size(); ++i) ledger_.slot(waiting[i].slot).sent_ns = 0;
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(from));
  waiting_count_ -= from;
  return room;
}

void ProducerLane::tell_handed(std::span<const Waiting> messages, std::int64_t sent_ns) {
  if (wake_ns_ == 0) return;
  for (const Waiting& one : messages) {
    lane_.recorder->handed(ledger_.slot(one.slot).intended_ns, one.planned_ns, sent_ns);
  }
}

void ProducerLane::idle(std::int64_t now_ns) {
  if (loop_.blocked() || events_.fatal()) {
    rd_kafka_poll(client_.get(), 1);  // deliveries make room, and end the wait
    return;
  }
  if (!loop_.paced() || waiting_count_ > 0) return;
  std::int64_t due_ns = std::min(loop_.next_ns(now_ns), loop_.until_ns());
  const std::int64_t gap_ns = due_ns - now_ns;
  const std::int64_t spin_ns = settings_.spin.count();
  if (gap_ns >= long_gap_ns) {
    poll_for(gap_ns);
  } else if (spin_ns > 0) {
    if (gap_ns > spin_ns) sleep_until_ns(due_ns - spin_ns);
    while (to_ns(now()) < due_ns) spin_once();
  } else if (gap_ns > 0) {
    // The client lingers anyway: those that join soon are handed over by the same waking.
    if (wake_ns_ > 0) {
      due_ns = planned_ns_ = std::min(loop_.last_due_ns(wake_ns_), loop_.until_ns());
    }
    sleep_until_ns(std::max(due_ns, now_ns + shortest_nap_ns));
  }
}

void ProducerLane::publish_counters() {
  deliveries_.tally.publish(loop_.taken(), loop_.backpressure_ns(), *lane_.counters);
}

void ProducerLane::settle(const rd_kafka_message_t& report) {
  if (settled_) return;
  const std::int64_t acked_ns =
      ledger_.slot(from_opaque(report._private)).acked_ns.load(std::memory_order_relaxed);
  deliveries_.settle(delivery_of(report), acked_ns != 0 ? acked_ns : to_ns(now()));
}

void ProducerLane::settle_deliveries() {
  while (ledger_.in_flight() > waiting_count_) {
    const std::int64_t now_ns = to_ns(now());
    if (now_ns >= loop_.settle_until_ns()) break;
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
  loop_.close(now_ns, report_);
  deliveries_.abandon_open(now_ns);
  publish_counters();
  lane_.recorder->publish();
  deliveries_.tally.check_sums(report_);
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
