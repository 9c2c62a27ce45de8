// What reading a log costs: fills a topic of one real local broker, then reads it by wire, by wire
// with the whole audit, through librdkafka and with another program, in turn, and prints the CPU of
// the whole reading process per message, medians and ranges.
//
//     ./seatrial bench audit [MESSAGES [ROUNDS]]      10 million of 100 bytes, 7 rounds
//     SEATRIAL_PEER_CONSUMER=/path/rdkafka_performance ./seatrial bench audit
//     SEATRIAL_BENCH_BEFORE=/path/macro_bench ./seatrial bench audit      beside another build
//
// Each reading is a process of its own (this program again, with --read). The broker's CPU is not
// in its figure.
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "bench/macro/side_by_side.hpp"

#include "core/check.hpp"
#include "core/numbers.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "kafka/log_reader.hpp"
#include "ledger/audit.hpp"
#include "ledger/identity.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::bench {
namespace {

constexpr std::uint32_t tag = 0x5ea7;
constexpr int partitions = 6;
constexpr std::size_t size = 100;

std::uint64_t share(std::uint64_t messages) { return messages / partitions; }

TopicPartition part(int index) { return {"drain", index}; }

void fill(const std::string& bootstrap, std::uint64_t messages) {
  auto conf = kafka::make_conf({{"bootstrap.servers", bootstrap},
                                {"enable.idempotence", "true"},
                                {"linger.ms", "5"},
                                {"batch.num.messages", "10000"},
                                {"queue.buffering.max.messages", "1000000"}});
  auto client = kafka::make_client(kafka::ClientType::producer, std::move(*conf));
  check(client.has_value(), "a producer can be made");
  std::vector<std::byte> value(size, std::byte{'x'});
  for (std::uint64_t seq = 0; seq < share(messages); ++seq) {
    for (int p = 0; p < partitions; ++p) {
      const auto stream = static_cast<std::uint32_t>(p);
      ledger::stamp(value, {tag, StreamId{stream}, Seq{seq}, static_cast<std::int64_t>(seq)});
      while (rd_kafka_producev(client->get(), RD_KAFKA_V_TOPIC("drain"), RD_KAFKA_V_PARTITION(p),
                               RD_KAFKA_V_VALUE(value.data(), value.size()),
                               RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                               RD_KAFKA_V_END) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_poll(client->get(), 10);
      }
    }
    if (seq % 1000 == 0) rd_kafka_poll(client->get(), 0);
  }
  check(rd_kafka_flush(client->get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR, "all was written");
}

std::vector<StreamHistory> reported(std::uint64_t messages) {
  std::vector<StreamHistory> out;
  for (int p = 0; p < partitions; ++p) {
    StreamHistory stream{.stream = StreamId{static_cast<std::uint32_t>(p)}, .where = part(p)};
    stream.opened = share(messages);
    stream.acked.insert(0, stream.opened);
    out.push_back(std::move(stream));
  }
  return out;
}

int read(const std::string& how, const std::string& bootstrap, std::uint64_t messages) {
  const auto reader = how.starts_with("wire") ? kafka::Reader::wire : kafka::Reader::librdkafka;
  const bool judged = how.ends_with("audit");
  std::vector<kafka::ReadSpan> spans;
  ledger::Audit audit(tag, reported(messages));
  for (int p = 0; p < partitions; ++p) {
    spans.push_back({part(p), 0, static_cast<std::int64_t>(share(messages))});
    audit.expect(part(p), 0, spans.back().to);
  }
  std::atomic<std::uint64_t> bytes{0};  // partitions come from several threads
  const kafka::OnRecords count = [&](const TopicPartition&, const LogBatch&,
                                     std::span<const LogRecord> records) {
    std::uint64_t sum = 0;
    for (const LogRecord& record : records) sum += record.value.size();
    bytes.fetch_add(sum, std::memory_order_relaxed);
  };
  const kafka::OnRecords judge = [&](const TopicPartition& where, const LogBatch& batch,
                                     std::span<const LogRecord> records) {
    audit.observe(where, batch, records);
    count(where, batch, records);
  };
  const auto reading =
      kafka::read_log(reader, bootstrap, spans, judged ? judge : count, now() + seconds(300), {});
  for (const auto& outcome : reading.outcomes) {
    if (!outcome.complete) fmt::print(stderr, "{}\n", outcome.reason);
    if (!outcome.complete) return 1;
  }
  if (bytes != messages / partitions * partitions * size) return 1;
  if (!judged) return 0;
  History history;
  audit.finish(history);
  for (const auto& stream : history.streams) {
    if (stream.present.count() != stream.opened) return 1;
  }
  return 0;
}

int measure_readers(std::uint64_t messages, int rounds) {
  test::RealCluster cluster("local", {.brokers = 1, .combined = true}, "audit-bench");
  const std::string bootstrap = cluster->bootstrap();
  const auto created =
      kafka::Admin(bootstrap).create_topics({{"drain", partitions, 1, {}}}, now() + seconds(60));
  check(created.has_value(), "the topic can be made");
  messages = share(messages) * partitions;
  fmt::print("writing {} messages of {} bytes to {} partitions\n", messages, size, partitions);
  fill(bootstrap, messages);
  std::vector<Way> ways;
  for (const char* how : {"wire", "wire-audit", "librdkafka", "librdkafka-audit"}) {
    const auto command = self("audit", {"--read", how, bootstrap, std::to_string(messages)});
    ways.push_back({how, [command](int) { return command; }});
  }
  if (const auto before = peer("SEATRIAL_BENCH_BEFORE")) {
    for (const char* how : {"wire", "wire-audit"}) {
      const std::vector<std::string> command{*before, "audit",   "--read",
                                             how,     bootstrap, std::to_string(messages)};
      ways.push_back({std::string("before: ") + how, [command](int) { return command; }});
    }
  }
  if (const auto program = peer("SEATRIAL_PEER_CONSUMER")) {
    std::vector<std::string> command{*program,
                                     "-C",
                                     "-t",
                                     "drain",
                                     "-b",
                                     bootstrap,
                                     "-o",
                                     "beginning",
                                     "-q",
                                     "-c",
                                     std::to_string(messages),
                                     "-X",
                                     "queued.min.messages=10000000",
                                     "-X",
                                     "queued.max.messages.kbytes=2097151"};
    for (int p = 0; p < partitions; ++p) {
      command.insert(command.end(), {"-p", std::to_string(p)});
    }
    ways.push_back({"peer", [command](int) { return command; }});
  }
  measure(ways, messages, rounds);
  print(ways, {{"wire-audit", "peer", 0.25}});
  return 0;
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 4 && words[0] == "--read") {
    return read(words[1], words[2], *parse_unsigned(words[3]));
  }
  return measure_readers(words.empty() ? 10'000'000 : *parse_unsigned(words[0]),
                         words.size() > 1 ? static_cast<int>(*parse_integer(words[1])) : 7);
}

const MacroRegistration registration({"audit", "what reading a real broker's log costs", run});

}  // namespace
}  // namespace seatrial::bench
