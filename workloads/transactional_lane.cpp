// Transactions one after the other, and what interrupts them.
#include "workloads/transactional_lane.hpp"

#include <fmt/format.h>

#include <boost/random/uniform_01.hpp>
#include <optional>
#include <thread>

#include "core/check.hpp"
#include "core/counted.hpp"
#include "measure/recorder.hpp"
#include "workloads/input_group.hpp"
#include "workloads/lane_books.hpp"
#include "workloads/open_loop.hpp"
#include "workloads/payload.hpp"
#include "workloads/producer_client.hpp"
#include "workloads/transform_reference.hpp"
#include "workloads/wire_options.hpp"
#include "workloads/wire_transactional_client.hpp"

namespace seatrial::workloads {
namespace {

using Outcome = TransactionHistory::Outcome;
using enum Answer::Kind;

constexpr auto init_time = seconds(40);
constexpr auto slice = milliseconds(1000);  // of a long call: the end is looked for in between
constexpr auto part_in_log = milliseconds(5000);  // for the first half, before an interruption
constexpr auto idle_time = milliseconds(100);

enum class Interruption { none, crash, fence, hang };

class TransactionalLane {
 public:
  TransactionalLane(const TransactionalSettings& settings, LaneContext& lane,
                    const std::stop_token& stop);
  LaneReport run(const std::function<void()>& ready);

 private:
  [[nodiscard]] kafka::Properties properties() const;
  [[nodiscard]] std::unique_ptr<MessageClient> make_client();
  Answer initialise(MessageClient& client);
  std::unique_ptr<MessageClient> initialised(const std::function<bool()>& give_up);
  void replace_client();
  void wait_until(std::int64_t at_ns);
  [[nodiscard]] bool over() const;  // nothing more may be waited for
  [[nodiscard]] bool intending() const;
  void write();
  void transform();
  void join_input();
  // One transaction of `count` messages, or of the batch.
  void transact(std::uint64_t count, std::int64_t intended_ns);
  void send_all(std::uint64_t count, std::int64_t intended_ns, Interruption interruption);
  bool send_one(std::uint64_t i, std::int64_t intended_ns);
  [[nodiscard]] std::int32_t partition_of(std::uint64_t i) const;
  [[nodiscard]] Interruption interruption() const;
  void interrupt(Interruption interruption);
  void finish(bool abort);
  void commit();
  bool abort();
  bool send_offsets();
  void settled(const Delivery& delivery);
  void close_transaction();
  void trouble(const char* call, const Answer& answer);
  void close_books();
  void add_notes();

  const TransactionalSettings& settings_;
  LaneContext& lane_;
  const std::stop_token& stop_;
  LaneReport report_;
  ClientEvents events_{lane_.counters};
  std::string id_;
  RandomEngine random_;
  OpenLoop loop_;
  Payloads payloads_;
  std::optional<LaneBooks> books_;
  std::vector<std::byte> value_;

  TransactionHistory transaction_;              // the present one
  std::map<std::uint32_t, StreamSpan> writes_;  // of it, by partition
  std::map<StreamId, IntervalSet> reads_;       // of it
  bool running_ = false;                        // between begin and the end
  bool refused_ = false;                        // the client would not take a message of it
  std::uint64_t number_ = 0;
  std::uint64_t consumed_ = 0, unreadable_ = 0;
  std::uint64_t replaced_ = 0;
  std::string init_trouble_;  // the last
  struct Trouble {
    std::uint64_t times = 0;
    std::string first;
  };
  std::map<std::pair<std::string, int>, Trouble> troubles_;  // by call and error

  std::optional<InputGroup> input_;
  std::unique_ptr<MessageClient> client_;  // after what its callbacks touch
  std::unique_ptr<MessageClient> next_;    // has fenced client_
};

TransactionalLane::TransactionalLane(const TransactionalSettings& settings, LaneContext& lane,
                                     const std::stop_token& stop)
    : settings_(settings),
      lane_(lane),
      stop_(stop),
      id_(fmt::format("seatrial-{:08x}-{}-{}", lane.trial_tag, lane.workload, lane.index)),
      random_(lane.seed),
      loop_({settings.rate, settings.arrivals}, lane),
      payloads_(settings.entropy, settings.size.most(), lane.seed + 1) {
  client_ = make_client();
  report_.effective_config = client_->effective_config();
  report_.client_version = client_->version();
  books_.emplace(lane, report_, report_.effective_config);
}

kafka::Properties TransactionalLane::properties() const {
  auto out = lane_.properties;
  out["bootstrap.servers"] = lane_.bootstrap;
  out["enable.idempotence"] = "true";
  return out;
}

std::unique_ptr<MessageClient> TransactionalLane::make_client() {
  const auto on_delivery = [this](const Delivery& delivery) { settled(delivery); };
  try {
    if (settings_.wire) {
      return std::make_unique<WireTransactionalClient>(
          WireTransactionalClient::Terms{.bootstrap = lane_.bootstrap,
                                         .topic = lane_.topic,
                                         .partitions = lane_.partitions,
                                         .transactional_id = id_,
                                         .properties = lane_.properties},
          on_delivery, events_);
    }
    return std::make_unique<ProducerClient>(properties(), settings_.exactly_once ? id_ : "",
                                            lane_.topic, on_delivery, events_);
  } catch (const InfrastructureError& error) {
    throw InfrastructureError("workload '" + lane_.workload + "': " + error.what());
  }
}

Answer TransactionalLane::initialise(MessageClient& client) {
  try {
    return client.init(slice);
  } catch (const InfrastructureError& error) {
    throw InfrastructureError("workload '" + lane_.workload + "': " + error.what());
  }
}

// A client ready for transactions; null if `give_up` said so first.
std::unique_ptr<MessageClient> TransactionalLane::initialised(
    const std::function<bool()>& give_up) {
  while (true) {
    auto client = make_client();
    Answer answer;
    do {
      answer = initialise(*client);
      events_.rethrow();
      events_.answered(answer.code, answer.text);
      events_.require_accepted(lane_.workload);
    } while (answer.kind == again && !give_up());
    if (answer.done()) return client;
    init_trouble_ = answer.text;
    if (give_up()) return nullptr;
    trouble("init_transactions", answer);
    std::this_thread::sleep_for(idle_time);
  }
}

bool TransactionalLane::over() const {
  return to_ns(now()) >= lane_.clock->settle_until_ns.load(std::memory_order_relaxed);
}

bool TransactionalLane::intending() const {
  return !stop_.stop_requested() && to_ns(now()) < lane_.clock->intend_until_ns;
}

// The present client has died, or was left behind: what it had open settles as its purge reports.
void TransactionalLane::replace_client() {
  client_.reset();
  books_->abandon_open();
  ++replaced_;
  client_ = next_ ? std::move(next_) : initialised([this] { return over(); });
}

void TransactionalLane::wait_until(std::int64_t at_ns) {
  while (!stop_.stop_requested() && !over()) {
    const std::int64_t left_ns = at_ns - to_ns(now());
    if (left_ns <= 0) return;
    std::this_thread::sleep_for(std::min<nanoseconds>(nanoseconds(left_ns), milliseconds(20)));
    if (client_) client_->poll(milliseconds(0));
    lane_.recorder->publish_if_due(to_ns(now()));
  }
}

LaneReport TransactionalLane::run(const std::function<void()>& ready) {
  const Instant deadline = now() + init_time;
  client_ = initialised([&] { return now() >= deadline || stop_.stop_requested(); });
  if (!client_ && !stop_.stop_requested()) {
    throw InfrastructureError(
        "workload '" + lane_.workload +
        "': the transaction coordinator gave no producer id within 40 s: " + init_trouble_);
  }
  ready();
  if (settings_.transform) {
    join_input();
    transform();
    input_.reset();
    if (lane_.index == 0) {
      report_.transforms.push_back({.workload = lane_.workload,
                                    .group = settings_.group,
                                    .input = settings_.input,
                                    .output = lane_.topic,
                                    .transactional = settings_.exactly_once});
    }
  } else {
    write();
  }
  client_.reset();
  next_.reset();
  close_books();
  add_notes();
  return std::move(report_);
}

// A transaction falls due at a time, with all its messages.
void TransactionalLane::write() {
  loop_.start();
  while (client_ && intending()) {
    const std::int64_t now_ns = to_ns(now());
    loop_.turn(stop_, now_ns);
    if (!loop_.intending(now_ns)) return;
    const std::int64_t intended_ns = loop_.next_ns(now_ns);
    wait_until(intended_ns);
    if (!intending()) return;
    loop_.take();
    transact(settings_.messages, intended_ns);
  }
}

void TransactionalLane::join_input() {
  input_.emplace(lane_.bootstrap, kafka::security_properties(lane_.properties), settings_.group,
                 settings_.input, events_);
}

void TransactionalLane::transform() {
  wait_until(lane_.clock->start_ns);
  while (client_ && intending()) {
    if (!input_) join_input();
    input_->gather(settings_.messages, idle_time);
    client_->poll(milliseconds(0));
    events_.rethrow();
    lane_.recorder->publish_if_due(to_ns(now()));
    if (input_->batch().empty()) continue;
    consumed_ += input_->batch().size();
    lane_.counters->consumed.store(consumed_, std::memory_order_relaxed);
    transact(input_->batch().size(), to_ns(now()));
  }
}

Interruption TransactionalLane::interruption() const {
  const auto falls = [this](std::uint64_t every) {
    return every > 0 && number_ % every == every - 1;
  };
  if (falls(settings_.crash_every)) return Interruption::crash;
  if (falls(settings_.fence_every)) return Interruption::fence;
  return falls(settings_.hang_every) ? Interruption::hang : Interruption::none;
}

void TransactionalLane::transact(std::uint64_t count, std::int64_t intended_ns) {
  transaction_ = {.workload = lane_.workload,
                  .lane = lane_.lane,
                  .number = number_,
                  .outcome = Outcome::aborted};  // until a commit is asked for
  const Interruption how = interruption();
  boost::random::uniform_01<double> draw;
  const bool abort = draw(random_) < settings_.abort_share;
  ++number_;
  refused_ = false;
  const Answer begun = client_->begin();
  if (!begun.done()) {
    trouble("begin_transaction", begun);
    for (std::uint64_t i = 0; i < count; ++i) books_->unsent(intended_ns, partition_of(i));
    if (input_) input_->rewind();
    return replace_client();
  }
  running_ = true;
  send_all(count, intended_ns, how);
  // A crash leaves no transaction that somebody could end, and without transactions output is done
  // once it is delivered: what does not come to pass is the commit of the offsets.
  if (how == Interruption::crash) {
    if (!settings_.exactly_once) client_->flush(part_in_log);
    input_.reset();
    replace_client();
  } else {
    finish(abort || over());
  }
  close_transaction();
  events_.rethrow();
  books_->publish();
}

void TransactionalLane::send_all(std::uint64_t count, std::int64_t intended_ns, Interruption how) {
  // Without transactions all the output is there when the crash comes: it is the worst moment. And
  // what hangs has nothing left to do but the commit.
  const bool whole = !settings_.exactly_once || how == Interruption::hang;
  const std::uint64_t half = whole ? count : count / 2;
  const std::uint64_t middle = how == Interruption::none ? count : std::max<std::uint64_t>(half, 1);
  std::uint64_t sent = 0;
  for (; sent < middle && !refused_ && !over(); ++sent) refused_ = !send_one(sent, intended_ns);
  if (how != Interruption::none) interrupt(how);
  // A zombie asks to commit either what it has, or after it has tried to write more.
  const bool asks_at_once = transaction_.zombie && number_ / settings_.fence_every % 2 == 1;
  if (how != Interruption::crash && !asks_at_once) {
    for (; sent < count && !refused_ && !over(); ++sent) refused_ = !send_one(sent, intended_ns);
  }
  const bool by_design = !refused_ && !over();
  for (; sent < count; ++sent) {
    if (by_design) books_->left_out(intended_ns);
    else books_->unsent(intended_ns, partition_of(sent));
  }
}

// Multi-partition by construction: neighbours go to different partitions. A transform keeps those
// of its input.
std::int32_t TransactionalLane::partition_of(std::uint64_t i) const {
  if (input_) return input_->batch()[i]->partition % lane_.partitions;
  return static_cast<std::int32_t>((number_ + i) % static_cast<std::uint64_t>(lane_.partitions));
}

// False if the client can take no more in this transaction.
bool TransactionalLane::send_one(std::uint64_t i, std::int64_t intended_ns) {
  while (books_->full() && !over()) client_->poll(milliseconds(1));
  if (books_->full()) {
    books_->unsent(intended_ns, partition_of(i));
    return false;
  }
  const std::uint32_t size = settings_.size.next(random_);
  const std::int32_t partition = partition_of(i);
  std::optional<TransformReference> reference;
  if (input_) {
    const rd_kafka_message_t& message = *input_->batch()[i];
    reference = {.partition = message.partition, .offset = message.offset};
    ledger::Identity of;
    const std::span of_bytes(static_cast<const std::byte*>(message.payload), message.len);
    if (ledger::read(of_bytes, of) == ledger::Reading::good) {
      reference->message = pack_message(of.stream, of.seq);
      reads_[of.stream].insert(of.seq.value);
    } else {
      ++unreadable_;
    }
  }
  const ledger::SlotIndex index = books_->open(partition, intended_ns);
  const ledger::Identity identity = books_->identity(index);
  value_.resize(size);
  payloads_.fill(value_, identity);
  if (reference) {
    write_reference(value_, *reference);
    ledger::stamp(value_, identity);
  }
  auto& span = writes_
                   .try_emplace(static_cast<std::uint32_t>(partition),
                                StreamSpan{identity.stream, identity.seq.value, 0})
                   .first->second;
  span.end = identity.seq.value + 1;
  const auto error = books_->send(*client_, index, {}, value_, [this] { return over(); });
  // A message that was taken back gives its sequence to the next one, of another transaction.
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) --span.end;
  return error == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void TransactionalLane::interrupt(Interruption how) {
  client_->flush(part_in_log);
  if (how == Interruption::hang) {
    wait_until(to_ns(now() + settings_.hang_for));
    // It stood still, so nothing was begun; nor is it made up for: that would look like latency.
    const std::int64_t now_ns = to_ns(now());
    loop_.turn(stop_, now_ns);
    loop_.each_left(now_ns, [&](std::int64_t intended_ns) {
      for (std::uint64_t i = 0; i < settings_.messages; ++i) books_->left_out(intended_ns);
    });
  } else if (how == Interruption::fence) {
    next_ = initialised([this] { return over(); });
    transaction_.zombie = next_ != nullptr;
  }
}

void TransactionalLane::settled(const Delivery& delivery) {
  const auto done = books_->settle(delivery);
  if (!running_ || done.judged.offset < 0) return;
  const auto at = writes_.find(done.slot->stream);
  if (at == writes_.end()) return;
  StreamSpan& span = at->second;
  if (done.slot->seq < span.begin || done.slot->seq >= span.end) return;
  const std::int64_t offset = done.judged.offset;
  span.first_offset = span.first_offset < 0 ? offset : std::min(span.first_offset, offset);
  span.last_offset = std::max(span.last_offset, offset);
}

// Ends the transaction one way or the other, and leaves a client that can begin the next.
void TransactionalLane::finish(bool want_abort) {
  const bool offsets_too = input_ && settings_.exactly_once;
  // A zombie asks in any case: that it is refused is what its fencing has to show.
  if (transaction_.zombie || (!want_abort && !refused_ && (!offsets_too || send_offsets()))) {
    commit();
  } else {
    // What is aborted shall be in the log: messages that were never sent would prove nothing.
    if (!refused_) client_->flush(part_in_log);
    if (!abort()) replace_client();
  }
  if (!input_) return;
  if (transaction_.outcome == Outcome::committed) {
    if (!settings_.exactly_once) {
      const std::string error = input_->commit([this] { return over(); });
      if (!error.empty()) events_.note("offset commit: " + error);
    }
    input_->clear();
  } else if (transaction_.outcome == Outcome::aborted) {
    input_->rewind();
  } else {
    input_.reset();  // whether its offsets count is for the coordinator to say
  }
}

bool TransactionalLane::send_offsets() {
  const auto offsets = input_->positions();
  auto& client = dynamic_cast<ProducerClient&>(*client_);  // no other transforms
  while (true) {
    const Answer answer = client.send_offsets(*offsets, input_->raw(), slice);
    events_.rethrow();
    if (answer.done()) return true;
    if (answer.kind != again || over()) {
      trouble("send_offsets_to_transaction", answer);
      return false;
    }
  }
}

void TransactionalLane::commit() {
  bool doubtful = false;  // an attempt ended without an answer
  transaction_.outcome = Outcome::unknown;
  transaction_.commit_asked = now();
  while (true) {
    const Answer answer = client_->commit(slice);
    events_.rethrow();
    if (answer.done()) {
      transaction_.outcome = Outcome::committed;
      // The takeover was before the commit: this client must not live on, whatever it was told.
      if (next_) replace_client();
      return;
    }
    if (answer.kind == again) {
      doubtful = true;
      if (over()) return replace_client();
      continue;
    }
    trouble("commit_transaction", answer);
    transaction_.fenced = answer.fenced();
    transaction_.refusal = rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(answer.code));
    // The coordinator aborts what is open when it initialises another producer of the id, before it
    // answers that one: a zombie that asked afterwards was refused for good.
    if (transaction_.zombie) transaction_.outcome = Outcome::aborted;
    if (answer.kind == Answer::Kind::abort) {
      const bool ended = abort();
      if (ended && !doubtful) transaction_.outcome = Outcome::aborted;
      if (ended && !next_) return;
    }
    return replace_client();
  }
}

bool TransactionalLane::abort() {
  while (true) {
    const Answer answer = client_->abort(slice);
    events_.rethrow();
    if (answer.done()) return true;
    if (answer.kind == again && !over()) continue;
    trouble("abort_transaction", answer);
    return false;
  }
}

void TransactionalLane::close_transaction() {
  running_ = false;
  for (auto& [partition, span] : writes_) {
    if (span.end > span.begin) transaction_.writes.push_back(span);
  }
  for (const auto& [stream, messages] : reads_) {
    for (const auto& interval : messages.intervals()) {
      transaction_.reads.push_back({stream, interval.begin, interval.end});
    }
  }
  writes_.clear();
  reads_.clear();
  if (settings_.exactly_once) report_.transactions.push_back(std::move(transaction_));
}

// What fell due until the end and was never begun is unsent.
void TransactionalLane::close_books() {
  const std::int64_t now_ns = to_ns(now());
  loop_.turn(stop_, now_ns);
  loop_.each_left(now_ns, [&](std::int64_t intended_ns) {
    for (std::uint64_t i = 0; i < settings_.messages; ++i) books_->unsent(intended_ns);
  });
  books_->close();
}

void TransactionalLane::trouble(const char* call, const Answer& answer) {
  Trouble& of = troubles_[{call, answer.code}];
  if (of.times++ == 0) of.first = answer.text;
}

void TransactionalLane::add_notes() {
  for (const auto& [what, trouble] : troubles_) {
    report_.notes.push_back(
        fmt::format("{} failed {} with {}, first: {}", what.first, counted(trouble.times, "time"),
                    rd_kafka_err2name(rd_kafka_resp_err_t(what.second)), trouble.first));
  }
  for (auto& note : events_.notes()) report_.notes.push_back(std::move(note));
  if (replaced_ > 0) report_.notes.push_back(counted(replaced_, "producer") + " replaced");
  if (unreadable_ > 0) {
    report_.notes.push_back(counted(unreadable_, "input") + " without a readable identity");
  }
}

}  // namespace

LaneReport run_transactional_lane(const TransactionalSettings& settings, LaneContext& lane,
                                  const std::function<void()>& ready, const std::stop_token& stop) {
  return TransactionalLane(settings, lane, stop).run(ready);
}

}  // namespace seatrial::workloads
