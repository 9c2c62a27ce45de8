// A loop over sockets: learn who leads, ask, wait, take what came. The next request for a partition
// is sent before the records of its answer are scanned. Two such loops share the partitions.
#include "kafka/wire_reader.hpp"

#include <poll.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <numeric>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "kafka/librdkafka_reader.hpp"
#include "kafka/wire/codec.hpp"
#include "kafka/wire/connection.hpp"
#include "kafka/wire/fetch.hpp"
#include "kafka/wire/isolation.hpp"
#include "kafka/wire/record_batch.hpp"

namespace seatrial::kafka {
namespace {

constexpr std::int32_t fetch_bytes = 4 << 20;
constexpr std::size_t in_flight_per_broker = 3;  // of different partitions
constexpr std::size_t records_at_once = 128;     // so many lie in the nearest cache
// A broker serves the requests of a connection in turn, and sends an answer in pieces of what its
// socket buffers: over a single one it and we would wait for each other.
constexpr std::size_t readers = 2;
constexpr auto step = milliseconds(20);          // how long nothing may happen until we look
constexpr auto answer_time = milliseconds(300);  // to connect, and for metadata
constexpr auto secured_time = milliseconds(5000);    // to connect where that is secured
constexpr auto secured_answer = milliseconds(1500);  // the cluster may be far
constexpr auto silence = seconds(5);             // then a connection is given up
constexpr auto retry_after = milliseconds(50);

// Error codes of Fetch that are not simply asked about again.
enum FetchError : std::int16_t {
  offset_out_of_range = 1,
  unsupported_version = 35,
  unsupported_compression = 76
};

struct Partition {
  const ReadSpan* span = nullptr;
  ReadOutcome* outcome = nullptr;
  std::int64_t next = 0;  // the offset to ask for
  NodeId leader{-1};      // -1: to be learnt
  std::int32_t epoch = -1;
  std::int32_t read_epoch = -1;          // of the leader whose data came last
  std::int64_t last_stable_offset = -1;  // as the last answer told it
  bool any_read = false;
  bool asked = false;
  bool done = false;
  int empty_answers = 0;  // in a row
  Instant not_before{};
  wire::Isolation isolation;
  std::string trouble;  // the last one told; not final, it is asked again
};

struct Broker {
  std::string address;
  std::optional<wire::Connection> connection;
  std::int16_t version = 0;  // of Fetch
  std::deque<Partition*> in_flight;
  Instant heard{};       // when bytes came last, or could be expected first
  Instant not_before{};  // to connect anew
  std::string trouble;   // that ended or prevented the last connection
};

class WireReader {
 public:
  WireReader(const std::string& bootstrap, wire::SecurityPtr security,
             const std::vector<ReadSpan>& spans, const OnRecords& on_records, Instant deadline,
             std::stop_token stop);
  LogReading run();

 private:
  [[nodiscard]] bool goes_on() const {
    return open_ > 0 && refusal_.empty() && now() < deadline_ && !stop_.stop_requested();
  }
  // TLS and a login are several ways there and back, to a cluster that may be far.
  [[nodiscard]] Instant open_by() const {
    return std::min(deadline_, now() + (security_ ? secured_time : answer_time));
  }
  [[nodiscard]] Instant answer_by() const {
    return std::min(deadline_, now() + (security_ ? secured_answer : answer_time));
  }
  void learn();
  void learnt(const wire::Metadata& reported);
  bool connect(Broker& broker);
  void ask_idle();
  [[nodiscard]] std::string ask(Broker& broker, Partition& partition);
  void wait();
  void take(Broker& broker);
  void take(Partition& partition, const wire::FetchAnswer& answer, Broker& broker);
  void take_error(Partition& partition, std::int16_t error);
  void take_nothing(Partition& partition, const wire::FetchAnswer& answer);
  void scan(Partition& partition, const wire::FetchAnswer& answer);
  bool scan_batch(Partition& partition, const wire::Batch& batch);
  void hand_over(Partition& partition, const LogBatch& batch);
  void again(Partition& partition, std::string trouble);
  void lost(Broker& broker, const std::string& trouble);
  void reached_end(Partition& partition);
  void finish(Partition& partition, bool complete, std::string reason);

  const OnRecords& on_records_;
  wire::SecurityPtr security_;
  Instant deadline_;
  std::stop_token stop_;
  std::vector<std::string> seeds_;
  std::vector<std::string> topics_;
  std::vector<ReadOutcome> outcomes_;
  std::vector<Partition> partitions_;
  std::size_t open_ = 0;
  std::map<NodeId, Broker> brokers_;
  std::optional<wire::Connection> teller_;  // of metadata
  std::size_t turn_ = 0;                    // which seed is asked next
  Instant next_learning_{};
  wire::Decompressor decompress_;
  std::vector<LogRecord> records_;  // of one batch, not handed over yet
  std::string refusal_;
};

WireReader::WireReader(const std::string& bootstrap, wire::SecurityPtr security,
                       const std::vector<ReadSpan>& spans, const OnRecords& on_records,
                       Instant deadline, std::stop_token stop)
    : on_records_(on_records),
      security_(std::move(security)),
      deadline_(deadline),
      stop_(std::move(stop)),
      outcomes_(spans.size()),
      partitions_(spans.size()) {
  for (std::size_t from = 0, to = 0; to != std::string::npos; from = to + 1) {
    to = bootstrap.find(',', from);
    seeds_.push_back(bootstrap.substr(from, to - from));
  }
  std::set<std::string> topics;
  open_ = spans.size();
  for (std::size_t i = 0; i < spans.size(); ++i) {
    outcomes_[i].where = spans[i].where;
    partitions_[i].span = &spans[i];
    partitions_[i].outcome = &outcomes_[i];
    partitions_[i].next = spans[i].from;
    topics.insert(spans[i].where.topic);
    if (spans[i].from >= spans[i].to) finish(partitions_[i], true, "");
  }
  topics_.assign(topics.begin(), topics.end());
}

LogReading WireReader::run() {
  while (goes_on()) {
    learn();
    ask_idle();
    wait();
  }
  for (Partition& partition : partitions_) {
    if (!partition.done) finish(partition, false, unfinished(stop_, partition.trouble));
  }
  return {std::move(outcomes_), std::move(refusal_)};
}

// Only where a leader is not known, and not too often.
void WireReader::learn() {
  const auto lacks = [](const Partition& p) { return !p.done && !p.asked && p.leader.value < 0; };
  if (now() < next_learning_ || std::ranges::none_of(partitions_, lacks)) return;
  next_learning_ = now() + retry_after;
  if (!teller_) {
    auto opened = wire::Connection::open(seeds_[turn_++ % seeds_.size()], open_by(), security_);
    if (opened) teller_.emplace(std::move(*opened));
  }
  std::string trouble = "no broker could be reached";
  if (teller_) {
    const auto reported = teller_->metadata(topics_, answer_by());
    if (reported) return learnt(*reported);
    trouble = reported.error().message;
    teller_.reset();
  }
  for (Partition& partition : partitions_) {
    if (lacks(partition) && partition.trouble.empty()) partition.trouble = trouble;
  }
}

void WireReader::learnt(const wire::Metadata& reported) {
  for (const auto& broker : reported.brokers) {
    const std::string address = broker.host + ":" + std::to_string(broker.port);
    Broker& known = brokers_[broker.id];
    if (known.address != address && known.connection) lost(known, "the broker has moved");
    known.address = address;
    if (std::ranges::find(seeds_, address) == seeds_.end()) seeds_.push_back(address);
  }
  for (Partition& partition : partitions_) {
    if (partition.done || partition.asked || partition.leader.value >= 0) continue;
    const TopicPartition& where = partition.span->where;
    const auto topic = std::ranges::find(reported.topics, where.topic, &wire::TopicMetadata::name);
    if (topic == reported.topics.end()) continue;
    const auto found =
        std::ranges::find(topic->partitions, where.partition, &wire::PartitionMetadata::partition);
    if (found == topic->partitions.end() || !brokers_.contains(found->leader)) {
      if (partition.trouble.empty()) partition.trouble = "it has no leader";
      continue;
    }
    partition.leader = found->leader;
    partition.epoch = found->leader_epoch;
    if (!partition.any_read) partition.outcome->leader_epoch = partition.epoch;
    else if (partition.outcome->leader_epoch != partition.epoch)
      partition.outcome->leader_changed = true;
  }
}

bool WireReader::connect(Broker& broker) {
  if (broker.connection) return true;
  if (now() < broker.not_before) return false;
  auto opened = wire::Connection::open(broker.address, open_by(), security_);
  if (!opened) {
    lost(broker, opened.error().message);
    return false;
  }
  const auto version = opened->version_for(wire::Api::fetch, wire::fetch_versions, "Fetch");
  if (!version) {
    refusal_ = version.error().message;
    return false;
  }
  broker.version = *version;
  broker.connection.emplace(std::move(*opened));
  return true;
}

void WireReader::ask_idle() {
  for (Partition& partition : partitions_) {
    if (partition.done || partition.asked || partition.leader.value < 0) continue;
    if (now() < partition.not_before) continue;
    Broker& broker = brokers_[partition.leader];
    if (broker.in_flight.size() >= in_flight_per_broker) continue;
    if (!connect(broker)) {
      again(partition, broker.trouble);
    } else if (const auto trouble = ask(broker, partition); !trouble.empty()) {
      lost(broker, trouble);
    }
    if (!refusal_.empty()) return;
  }
}

// What went wrong, or nothing. The connection stays, since an answer may still be looked at.
std::string WireReader::ask(Broker& broker, Partition& partition) {
  const wire::Bytes body = wire::encode_fetch(broker.version, {.where = partition.span->where,
                                                               .offset = partition.next,
                                                               .leader_epoch = partition.epoch,
                                                               .max_bytes = fetch_bytes});
  if (broker.in_flight.empty()) broker.heard = now();
  partition.asked = true;
  broker.in_flight.push_back(&partition);
  const auto sent = broker.connection->ask({.api = wire::Api::fetch, .version = broker.version},
                                           body, answer_by());
  return sent ? std::string() : sent.error().message;
}

void WireReader::wait() {
  std::vector<pollfd> sockets;
  std::vector<Broker*> asked;
  bool held = false;  // bytes that poll does not see
  for (auto& [id, broker] : brokers_) {
    if (broker.in_flight.empty()) continue;
    sockets.push_back({broker.connection->descriptor(), POLLIN, 0});
    asked.push_back(&broker);
    held = held || broker.connection->holds_bytes();
  }
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - now());
  const auto timeout = std::clamp(left, milliseconds(0), held ? milliseconds(0) : step);
  poll(sockets.data(), sockets.size(), static_cast<int>(timeout.count()));
  for (std::size_t i = 0; i < asked.size() && goes_on(); ++i) {
    const bool bytes = asked[i]->connection && asked[i]->connection->holds_bytes();
    if (sockets[i].revents != 0 || bytes) take(*asked[i]);
    else if (now() - asked[i]->heard > silence) lost(*asked[i], asked[i]->address + " is silent");
  }
}

void WireReader::take(Broker& broker) {
  broker.heard = now();
  wire::BytesView body;
  const auto got = broker.connection->answer(body);
  if (!got) return lost(broker, got.error().message);
  if (!*got) return;
  Partition& partition = *broker.in_flight.front();
  broker.in_flight.pop_front();
  partition.asked = false;
  if (partition.done) return;
  const auto answer = wire::decode_fetch(broker.version, body, partition.span->where);
  if (!answer) refusal_ = broker.address + ": " + answer.error().message;
  else if (answer->error != 0) take_error(partition, answer->error);
  else take(partition, *answer, broker);
}

void WireReader::take(Partition& partition, const wire::FetchAnswer& answer, Broker& broker) {
  partition.last_stable_offset = answer.last_stable_offset;
  if (answer.records.empty()) return take_nothing(partition, answer);
  partition.any_read = true;
  partition.empty_answers = 0;
  const auto after = wire::offset_after(answer.records);
  const bool useful = after && *after > partition.next;
  if (useful) partition.next = *after;
  std::string trouble;
  if (useful && partition.next < partition.span->to) trouble = ask(broker, partition);
  scan(partition, answer);
  if (!trouble.empty()) lost(broker, trouble);  // only now: the answer lies in its buffer
  if (!refusal_.empty() || partition.done) return;
  if (!useful) {
    refusal_ = to_string(partition.span->where) + ": the answer to a fetch from offset " +
               std::to_string(partition.next) + " holds no whole batch from there on";
  } else if (partition.next >= partition.span->to) {
    reached_end(partition);
  }
}

void WireReader::take_error(Partition& partition, std::int16_t error) {
  const std::string name = wire::error_name(error);
  if (error == unsupported_version || error == unsupported_compression) {
    refusal_ = to_string(partition.span->where) + ": Fetch: " + name;
  } else if (error == offset_out_of_range) {
    finish(partition, false,
           "offsets are gone: " + std::to_string(partition.next) + " is out of range");
  } else {
    again(partition, "Fetch: " + name);
  }
}

// No record at the offset asked for or above. At the log's end that may be final: compaction left
// nothing. It is believed when told twice, by a broker that was not throttling.
void WireReader::take_nothing(Partition& partition, const wire::FetchAnswer& answer) {
  const std::int64_t to = partition.span->to;
  if (answer.high_watermark < to) {
    partition.trouble = "the readable log ended at offset " + std::to_string(answer.high_watermark);
  } else if (answer.last_stable_offset < to) {
    partition.trouble = "a transaction is open: the last stable offset is " +
                        std::to_string(answer.last_stable_offset);
  } else if (answer.throttle_ms == 0 && ++partition.empty_answers >= 2) {
    partition.next = to;
    reached_end(partition);
  }
}

void WireReader::scan(Partition& partition, const wire::FetchAnswer& answer) {
  partition.isolation.begin_answer(answer.aborted);
  wire::BatchScan batches(answer.records);
  for (wire::Batch batch; batches.next(batch);) {
    if (stop_.stop_requested()) return finish(partition, false, unfinished(stop_, ""));
    if (batch.header.base_offset >= partition.span->to) return;
    if (!wire::crc_holds(batch)) {
      partition.outcome->corrupt_batch = batch.header.base_offset;
      return finish(partition, false,
                    "the CRC32C of the record batch at offset " +
                        std::to_string(batch.header.base_offset) + " differs");
    }
    if (!scan_batch(partition, batch)) return;
  }
  if (!batches.trouble().empty()) {
    refusal_ = to_string(partition.span->where) + ": " + batches.trouble();
  }
}

// False where the log cannot be read on.
bool WireReader::scan_batch(Partition& partition, const wire::Batch& batch) {
  const ReadSpan& span = *partition.span;
  const auto records = decompress_(batch.codec, batch.records);
  const auto refuse = [&](const std::string& what) {
    refusal_ = to_string(span.where) + ", batch at offset " +
               std::to_string(batch.header.base_offset) + ": " + what;
    return false;
  };
  if (!records) return refuse(records.error().message);
  wire::RecordScan scan(batch, *records);
  records_.clear();
  LogRecord record;
  if (!batch.header.control) record.committed = partition.isolation.committed(batch.header);
  while (scan.next(record)) {
    if (record.offset < span.from || record.offset >= span.to) continue;
    if (batch.header.control) partition.isolation.ended(batch.header, wire::marker_of(record));
    records_.push_back(record);
    if (records_.size() >= records_at_once) hand_over(partition, batch.header);
  }
  hand_over(partition, batch.header);
  return scan.sound() || refuse("its records are malformed");
}

void WireReader::hand_over(Partition& partition, const LogBatch& batch) {
  if (records_.empty()) return;
  if (!batch.control) partition.outcome->messages += records_.size();
  on_records_(partition.span->where, batch, records_);
  records_.clear();
}

void WireReader::again(Partition& partition, std::string trouble) {
  partition.trouble = std::move(trouble);
  partition.leader = NodeId(-1);
  partition.not_before = now() + retry_after;
}

void WireReader::lost(Broker& broker, const std::string& trouble) {
  for (Partition* partition : std::exchange(broker.in_flight, {})) {
    partition->asked = false;
    again(*partition, trouble);
  }
  broker.connection.reset();
  broker.not_before = now() + retry_after;
  broker.trouble = trouble;
}

void WireReader::reached_end(Partition& partition) {
  if (partition.last_stable_offset == partition.span->to) partition.isolation.at_end();
  const std::string& trouble = partition.isolation.trouble();
  finish(partition, trouble.empty(), trouble);
}

void WireReader::finish(Partition& partition, bool complete, std::string reason) {
  partition.done = true;
  partition.outcome->complete = complete;
  partition.outcome->reason = std::move(reason);
  --open_;
}

// What one reader has to read: indices of spans.
using Share = std::vector<std::size_t>;

// The longest first, each to who has least so far; a reader for each at most.
std::vector<Share> shares_of(const std::vector<ReadSpan>& spans) {
  Share by_length(spans.size());
  std::iota(by_length.begin(), by_length.end(), std::size_t{0});
  const auto length = [&](std::size_t i) { return spans[i].to - spans[i].from; };
  std::ranges::stable_sort(by_length, std::greater{}, length);
  std::vector<Share> shares(std::clamp<std::size_t>(spans.size(), 1, readers));
  std::vector<std::int64_t> sums(shares.size());
  for (const std::size_t i : by_length) {
    const auto least = std::ranges::min_element(sums);
    *least += std::max<std::int64_t>(length(i), 0);
    shares[static_cast<std::size_t>(least - sums.begin())].push_back(i);
  }
  return shares;
}

}  // namespace

LogReading read_by_wire(const Access& access, const std::vector<ReadSpan>& spans,
                        const OnRecords& on_records, Instant deadline,
                        const std::stop_token& stop) {
  const auto security = access.security();
  if (!security) {
    LogReading refused{.outcomes = std::vector<ReadOutcome>(spans.size()), .refusal = {}};
    refused.refusal = security.error().message;
    return refused;
  }
  const auto shares = shares_of(spans);
  std::vector<LogReading> readings(shares.size());
  std::vector<std::exception_ptr> thrown(shares.size());
  std::stop_source ends;  // for all, also once one of them cannot go on
  const std::stop_callback on_request(stop, [&ends] { ends.request_stop(); });
  const auto read = [&](std::size_t reader) noexcept {
    try {
      std::vector<ReadSpan> own;
      for (const std::size_t i : shares[reader]) own.push_back(spans[i]);
      readings[reader] =
          WireReader(access.bootstrap, *security, own, on_records, deadline, ends.get_token())
              .run();
      if (!readings[reader].refusal.empty()) ends.request_stop();
    } catch (...) {
      thrown[reader] = std::current_exception();
      ends.request_stop();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t reader = 1; reader < shares.size(); ++reader)
      others.emplace_back(read, reader);
    read(0);
  }
  LogReading out{.outcomes = std::vector<ReadOutcome>(spans.size()), .refusal = {}};
  for (std::size_t reader = 0; reader < shares.size(); ++reader) {
    if (thrown[reader]) std::rethrow_exception(thrown[reader]);
    if (out.refusal.empty()) out.refusal = std::move(readings[reader].refusal);
    for (std::size_t i = 0; i < shares[reader].size(); ++i) {
      out.outcomes[shares[reader][i]] = std::move(readings[reader].outcomes[i]);
    }
  }
  return out;
}

}  // namespace seatrial::kafka
