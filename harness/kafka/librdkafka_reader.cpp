// The library's simple consumer: partitions started one by one into one queue. It needs no group
// and so no coordinator, which may be the very broker that a fault took away.
#include "kafka/librdkafka_reader.hpp"

#include <algorithm>
#include <array>

#include "core/check.hpp"
#include "core/scope_guard.hpp"
#include "kafka/config.hpp"

namespace seatrial::kafka {
namespace {

// Deep enough to keep the fetchers busy while values are judged, and bounded in memory.
Properties reader_properties(const Access& access) {
  Properties out = access.with({});
  out["client.id"] = "seatrial-audit";
  out["check.crcs"] = "true";
  out["isolation.level"] = "read_uncommitted";
  out["enable.partition.eof"] = "true";
  out["enable.auto.offset.store"] = "false";
  out["auto.offset.reset"] = "error";
  out["queued.min.messages"] = "1000000";
  out["queued.max.messages.kbytes"] = "262144";
  out["fetch.wait.max.ms"] = "100";
  out["fetch.error.backoff.ms"] = "100";
  out["reconnect.backoff.ms"] = "50";
  out["reconnect.backoff.max.ms"] = "500";
  out["topic.metadata.refresh.fast.interval.ms"] = "100";
  return out;
}

// The library tells nothing of aborted transactions to who reads uncommitted.
LogRecord to_record(const rd_kafka_message_t& message) {
  return {.offset = message.offset,
          .timestamp_ms = rd_kafka_message_timestamp(&message, nullptr),
          .key = {static_cast<const std::byte*>(message.key), message.key_len},
          .value = {static_cast<const std::byte*>(message.payload), message.len}};
}

struct LibraryReader {
  struct Partition {
    const ReadSpan* span = nullptr;
    ReadOutcome* outcome = nullptr;
    bool started = false;
    bool done = false;
    std::string trouble;  // the last error told; not final, the library retries
  };

  explicit LibraryReader(const Access& access);
  ~LibraryReader();
  LibraryReader(const LibraryReader&) = delete;
  LibraryReader& operator=(const LibraryReader&) = delete;

  void start(const ReadSpan& span, ReadOutcome& outcome);
  void take(const rd_kafka_message_t& message, const OnRecords& on_records);
  void complete(Partition& partition);
  Partition* find(const rd_kafka_message_t& message);
  void stop(Partition& partition);

  ClientHandle client;
  std::map<std::string, TopicHandle> topics;
  QueueHandle queue;
  std::map<std::pair<rd_kafka_topic_t*, std::int32_t>, Partition> partitions;
  std::size_t open = 0;
};

LibraryReader::LibraryReader(const Access& access) {
  auto conf = make_conf(reader_properties(access));
  if (!conf) throw InfrastructureError("reading the log: " + conf.error().message);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);  // lost connections come back as message errors
  auto made = make_client(ClientType::consumer, std::move(*conf));
  if (!made) throw InfrastructureError("reading the log: " + made.error().message);
  client = std::move(*made);
  queue.reset(rd_kafka_queue_new(client.get()));
}

LibraryReader::~LibraryReader() {
  for (auto& [key, partition] : partitions) stop(partition);
}

void LibraryReader::stop(Partition& partition) {
  if (!std::exchange(partition.started, false)) return;
  const auto& where = partition.span->where;
  // Fails only for a partition that was never started.
  static_cast<void>(rd_kafka_consume_stop(topics.at(where.topic).get(), where.partition));
}

void LibraryReader::start(const ReadSpan& span, ReadOutcome& outcome) {
  TopicHandle& topic = topics[span.where.topic];
  if (!topic) topic.reset(rd_kafka_topic_new(client.get(), span.where.topic.c_str(), nullptr));
  check(topic != nullptr, "a topic object can be made");
  Partition& partition = partitions[{topic.get(), span.where.partition}];
  check(partition.span == nullptr, "a partition is read by one span");
  partition.span = &span;
  partition.outcome = &outcome;
  ++open;
  if (span.from >= span.to) return complete(partition);
  if (rd_kafka_consume_start_queue(topic.get(), span.where.partition, span.from, queue.get()) !=
      0) {
    partition.done = true;
    --open;
    outcome.reason = std::string("could not be read: ") + rd_kafka_err2str(rd_kafka_last_error());
    return;
  }
  partition.started = true;
}

void LibraryReader::complete(Partition& partition) {
  partition.done = true;
  partition.outcome->complete = true;
  --open;
}

LibraryReader::Partition* LibraryReader::find(const rd_kafka_message_t& message) {
  const auto it = partitions.find({message.rkt, message.partition});
  return it == partitions.end() || it->second.done ? nullptr : &it->second;
}

void LibraryReader::take(const rd_kafka_message_t& message, const OnRecords& on_records) {
  Partition* partition = find(message);
  if (partition == nullptr) return;
  const ReadSpan& span = *partition->span;
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      if (message.offset < span.to) {
        ++partition->outcome->messages;
        const LogRecord record = to_record(message);
        on_records(span.where, {}, {&record, 1});
      }
      if (message.offset + 1 >= span.to) complete(*partition);
      return;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // The offset from which the broker had nothing more to give. Below `to`, the readable log is
      // shorter than was told: wait, it may still grow, and name it at the deadline.
      if (message.offset >= span.to) return complete(*partition);
      partition->trouble = "the readable log ended at offset " + std::to_string(message.offset);
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      partition->done = true;
      --open;
      partition->outcome->reason = "offsets are gone: ";
      partition->outcome->reason += rd_kafka_message_errstr(&message);
      return;
    default: partition->trouble = rd_kafka_message_errstr(&message);
  }
}

}  // namespace

std::vector<ReadOutcome> read_by_librdkafka(const Access& access,
                                            const std::vector<ReadSpan>& spans,
                                            const OnRecords& on_records, Instant deadline,
                                            const std::stop_token& stop) {
  std::vector<ReadOutcome> outcomes(spans.size());
  LibraryReader reader(access);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    outcomes[i].where = spans[i].where;
    reader.start(spans[i], outcomes[i]);
  }
  std::vector<rd_kafka_message_t*> batch(10'000);
  while (reader.open > 0 && now() < deadline && !stop.stop_requested()) {
    rd_kafka_poll(reader.client.get(), 0);
    // It waits until the batch is full or the time is over, so the time is short.
    const auto got =
        rd_kafka_consume_batch_queue(reader.queue.get(), 10, batch.data(), batch.size());
    const std::span messages(batch.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    const ScopeGuard release([&]() noexcept {
      for (rd_kafka_message_t* message : messages) rd_kafka_message_destroy(message);
    });
    for (const rd_kafka_message_t* message : messages) reader.take(*message, on_records);
  }
  for (auto& [key, partition] : reader.partitions) {
    if (partition.done) continue;
    partition.outcome->reason = unfinished(stop, partition.trouble);
  }
  return outcomes;
}

}  // namespace seatrial::kafka
