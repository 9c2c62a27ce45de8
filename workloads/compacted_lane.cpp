// Sends at a rate, settles, remembers.
#include "workloads/compacted_lane.hpp"

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <optional>
#include <thread>

#include "core/check.hpp"
#include "measure/recorder.hpp"
#include "workloads/keyed_value.hpp"
#include "workloads/lane_books.hpp"
#include "workloads/open_loop.hpp"
#include "workloads/partitioner.hpp"
#include "workloads/payload.hpp"
#include "workloads/producer_client.hpp"

namespace seatrial::workloads {
namespace {

constexpr nanoseconds least_nap = std::chrono::microseconds(50), nap = milliseconds(1);
constexpr auto connect_time = seconds(30);

class CompactedLane {
 public:
  CompactedLane(const CompactedSettings& settings, LaneContext& lane, const std::stop_token& stop);
  LaneReport run(const std::function<void()>& ready);

 private:
  // What a slot of the ledger holds: the lane's key and its state.
  struct Sent {
    std::uint64_t key = 0;
    KeyState state = 0;
    Instant at;
  };
  void connect();
  void work();
  void send_one(std::int64_t intended_ns);
  void settled(const Delivery& delivery);
  void doubt(const Sent& sent);
  void settle_all();
  [[nodiscard]] bool over() const {
    return to_ns(now()) >= lane_.clock->settle_until_ns.load(std::memory_order_relaxed);
  }

  const CompactedSettings& settings_;
  LaneContext& lane_;
  const std::stop_token& stop_;
  LaneReport report_;
  ClientEvents events_{lane_.counters};
  OpenLoop loop_;
  RandomEngine random_;
  Payloads payloads_;
  KeyedHistory keyed_;
  std::vector<std::uint64_t> versions_;  // by the lane's key: the last that was given out
  std::vector<Sent> sent_;               // by slot
  std::optional<LaneBooks> books_;
  std::vector<std::byte> value_;
  std::optional<ProducerClient> client_;  // last: its callbacks touch the above
};

CompactedLane::CompactedLane(const CompactedSettings& settings, LaneContext& lane,
                             const std::stop_token& stop)
    : settings_(settings),
      lane_(lane),
      stop_(stop),
      loop_({settings.rate, settings.arrivals}, lane),
      random_(lane.seed),
      payloads_(settings.entropy, settings.size.most(), lane.seed + 1) {
  keyed_.workload = lane.workload;
  keyed_.topic = lane.topic;
  keyed_.first_key = static_cast<std::uint64_t>(lane.index);
  keyed_.key_step = static_cast<std::uint64_t>(lane.lanes);
  for (std::uint64_t key = keyed_.first_key; key < settings.keys; key += keyed_.key_step) {
    const std::string text = std::to_string(key);
    keyed_.partition.push_back(murmur2_partition(std::as_bytes(std::span(text)), lane.partitions));
  }
  keyed_.acked.assign(keyed_.partition.size(), 0);
  keyed_.acked_sent.assign(keyed_.partition.size(), Instant{});
  versions_.assign(keyed_.partition.size(), 0);
  auto properties = lane.properties;
  properties["bootstrap.servers"] = lane.bootstrap;
  try {
    client_.emplace(
        properties, "", lane.topic, [this](const Delivery& delivery) { settled(delivery); },
        events_);
  } catch (const InfrastructureError& error) {
    throw InfrastructureError("workload '" + lane.workload + "': " + error.what());
  }
  report_.effective_config = client_->effective_config();
  report_.client_version = client_->version();
  books_.emplace(lane, report_, report_.effective_config);
}

// Until the topic's partitions are known: what is sent before would count as late.
void CompactedLane::connect() {
  const Instant deadline = now() + connect_time;
  while (now() < deadline && !stop_.stop_requested()) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(&client_->raw(), 0, &client_->topic(), &found, 500);
    client_->poll(milliseconds(0));
    events_.require_accepted(lane_.workload);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const int partitions = found->topic_cnt == 1 ? found->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(found);
    if (partitions == lane_.partitions) return;
    client_->poll(milliseconds(50));
  }
  if (stop_.stop_requested()) return;
  throw InfrastructureError("workload '" + lane_.workload + "': topic '" + lane_.topic +
                            "' was not ready for producing within 30 s");
}

LaneReport CompactedLane::run(const std::function<void()>& ready) {
  connect();
  ready();
  work();
  settle_all();
  client_.reset();
  books_->close();
  for (auto& note : events_.notes()) report_.notes.push_back(std::move(note));
  report_.keyed.push_back(std::move(keyed_));
  return std::move(report_);
}

void CompactedLane::work() {
  loop_.start();
  while (!over()) {
    const std::int64_t now_ns = to_ns(now());
    loop_.turn(stop_, now_ns);
    if (!loop_.intending(now_ns)) return;
    const std::int64_t next_ns = loop_.next_ns(now_ns);
    if (next_ns <= now_ns && !books_->full()) {
      loop_.take();
      send_one(next_ns);
      continue;
    }
    client_->poll(milliseconds(0));
    events_.rethrow();
    books_->publish();
    lane_.recorder->publish_if_due(now_ns);
    std::this_thread::sleep_for(
        std::clamp<nanoseconds>(nanoseconds(next_ns - now_ns), least_nap, nap));
  }
}

void CompactedLane::send_one(std::int64_t intended_ns) {
  boost::random::uniform_int_distribution<std::size_t> pick(0, keyed_.partition.size() - 1);
  boost::random::uniform_01<double> draw;
  const std::size_t own = pick(random_);
  const bool tombstone = draw(random_) < settings_.tombstones;
  const std::uint64_t key = keyed_.first_key + own * keyed_.key_step;
  const std::string text = std::to_string(key);
  const ledger::SlotIndex index = books_->open(keyed_.partition[own], intended_ns);
  if (index >= sent_.size()) sent_.resize(index + 1);
  sent_[index] = {own, key_state(++versions_[own], tombstone), now()};
  std::span<const std::byte> value;
  if (!tombstone) {
    const ledger::Identity identity = books_->identity(index);
    value_.resize(settings_.size.next(random_));
    payloads_.fill(value_, identity);
    write_key(value_, {key, versions_[own]});
    ledger::stamp(value_, identity);
    value = value_;
  }
  const auto error = books_->send(*client_, index, std::as_bytes(std::span(text)), value,
                                  [this] { return over(); });
  // What the library refused never left the process: the version is skipped.
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) events_.error(client_->raw(), error, "produce");
}

void CompactedLane::settled(const Delivery& delivery) {
  const auto done = books_->settle(delivery);
  const Sent& sent = sent_[done.index];
  if (done.judged.outcome == ledger::Outcome::acked) {
    KeyState& acked = keyed_.acked[sent.key];
    if (version_of(sent.state) > version_of(acked)) {
      acked = sent.state;
      keyed_.acked_sent[sent.key] = sent.at;
    }
  } else if (done.judged.outcome != ledger::Outcome::failed) {
    doubt(sent);
  }
}

void CompactedLane::doubt(const Sent& sent) {
  auto& of = keyed_.doubtful[sent.key];
  of.version = std::max(of.version, version_of(sent.state));
  of.tombstone = of.tombstone || is_tombstone(sent.state);
}

void CompactedLane::settle_all() {
  while (!over() && !client_->flush(milliseconds(100))) {
    events_.rethrow();
    books_->publish();
  }
  for (const ledger::SlotIndex index : lane_.ledger->open_slots()) doubt(sent_[index]);
  const std::int64_t now_ns = to_ns(now());
  loop_.turn(stop_, now_ns);
  loop_.each_left(now_ns, [&](std::int64_t intended_ns) { books_->unsent(intended_ns); });
}

}  // namespace

LaneReport run_compacted_lane(const CompactedSettings& settings, LaneContext& lane,
                              const std::function<void()>& ready, const std::stop_token& stop) {
  return CompactedLane(settings, lane, stop).run(ready);
}

}  // namespace seatrial::workloads
