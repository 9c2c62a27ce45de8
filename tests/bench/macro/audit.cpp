// What reading a log costs: fills a topic of one real local broker, then reads it by wire, by wire
// with the whole audit, through librdkafka and with another program, in turn, and prints the CPU of
// the whole reading process per message, medians and ranges.
//
//     ./seatrial bench audit [MESSAGES [ROUNDS]]      10 million of 100 bytes, 5 rounds
//     SEATRIAL_PEER_CONSUMER=/path/rdkafka_performance ./seatrial bench audit
//
// Each reading is a process of its own (this program again, with --read), so that its CPU is what
// the system says of it, start and connecting included. The broker's is not in it. Figures hold for
// the machine they were taken on; only those of one run compare.
#include <fcntl.h>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/check.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "kafka/log_reader.hpp"
#include "ledger/audit.hpp"
#include "ledger/identity.hpp"
#include "support/real_cluster.hpp"

namespace {

using namespace seatrial;

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

std::vector<StreamHistory> told(std::uint64_t messages) {
  std::vector<StreamHistory> out;
  for (int p = 0; p < partitions; ++p) {
    StreamHistory stream{.stream = StreamId{static_cast<std::uint32_t>(p)}, .where = part(p)};
    stream.opened = share(messages);
    stream.acked.insert(0, stream.opened);
    out.push_back(std::move(stream));
  }
  return out;
}

// --- The reading process
// --------------------------------------------------------------------------

int read(const std::string& how, const std::string& bootstrap, std::uint64_t messages) {
  const auto reader = how.starts_with("wire") ? kafka::Reader::wire : kafka::Reader::librdkafka;
  const bool judged = how.ends_with("audit");
  std::vector<kafka::ReadSpan> spans;
  ledger::Audit audit(tag, told(messages));
  for (int p = 0; p < partitions; ++p) {
    spans.push_back({part(p), 0, static_cast<std::int64_t>(share(messages))});
    audit.expect(part(p), 0, spans.back().to);
  }
  std::uint64_t bytes = 0;
  const kafka::OnRecord count = [&](const TopicPartition&, const LogBatch&,
                                    const LogRecord& record) { bytes += record.value.size(); };
  const kafka::OnRecord judge = [&](const TopicPartition& where, const LogBatch& batch,
                                    const LogRecord& record) {
    audit.observe(where, batch, record);
    bytes += record.value.size();
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

// --- The measuring process
// ------------------------------------------------------------------------

struct Cost {
  double cpu_us = 0;  // per message, user and system
  double million_per_s = 0;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

Cost run(const std::vector<std::string>& command, std::uint64_t messages) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const Instant begun = now();
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  check(wait4(child, &status, 0, &used) == child, "the reading process ends");
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "everything was read: " + command.back());
  const double count = static_cast<double>(messages);
  const double wall = std::chrono::duration<double>(now() - begun).count();
  return {(seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) * 1e6 / count,
          count / wall / 1e6};
}

struct Way {
  std::string name;
  std::vector<std::string> command;
  std::vector<Cost> costs{};
};

std::string spread(std::vector<double> values) {
  std::ranges::sort(values);
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", values[values.size() / 2], values.front(),
                     values.back());
}

void print(const Way& way) {
  std::vector<double> cpu, rate;
  for (const Cost& cost : way.costs) {
    cpu.push_back(cost.cpu_us);
    rate.push_back(cost.million_per_s);
  }
  fmt::print("{:<22} {:>26} {:>26}\n", way.name, spread(cpu), spread(rate));
}

int measure(const std::string& self, std::uint64_t messages, int rounds) {
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
    ways.push_back({how, {self, "--read", how, bootstrap, std::to_string(messages)}});
  }
  if (const char* peer = std::getenv("SEATRIAL_PEER_CONSUMER")) {
    Way way{"peer", {peer, "-C", "-t", "drain", "-b", bootstrap, "-o", "beginning"}};
    for (int p = 0; p < partitions; ++p) {
      way.command.insert(way.command.end(), {"-p", std::to_string(p)});
    }
    for (const char* word : {"-c", "", "-q", "-X", "queued.min.messages=10000000", "-X",
                             "queued.max.messages.kbytes=2097151"}) {
      way.command.emplace_back(*word != 0 ? word : std::to_string(messages));
    }
    ways.push_back(std::move(way));
  }
  for (int round = 0; round < rounds; ++round) {
    for (Way& way : ways) way.costs.push_back(run(way.command, messages));
  }
  fmt::print("{:<22} {:>26} {:>26}\n", "read by", "CPU us/message", "million messages/s");
  for (const Way& way : ways) print(way);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (argc == 5 && words[1] == "--read") return read(words[2], words[3], std::stoull(words[4]));
  return measure("/proc/self/exe", argc > 1 ? std::stoull(words[1]) : 10'000'000,
                 argc > 2 ? std::stoi(words[2]) : 5);
}
