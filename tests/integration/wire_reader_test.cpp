// The wire reader on logs that real brokers hold and librdkafka wrote: every codec, transactions
// that committed, aborted and did not end, leaders that change and brokers that restart while they
// are read, and a byte that changed on the disk. librdkafka is the witness where it can be.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "kafka/handle.hpp"
#include "kafka/log_reader.hpp"
#include "run/audit_log.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::kafka {
namespace {

namespace fs = std::filesystem;

// A record as it was handed over, copied.
struct Copy {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::string key;
  std::string value;
  friend bool operator==(const Copy&, const Copy&) = default;
};

struct Read {
  ReadOutcome outcome;
  std::vector<Copy> records;            // of no control batch
  std::vector<std::int64_t> committed;  // offsets
  std::vector<std::int64_t> markers;
  std::vector<std::int32_t> epochs;  // as they change
};

std::string text(std::span<const std::byte> view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

class Producer {
 public:
  Producer(const std::string& bootstrap, Properties properties) {
    properties["bootstrap.servers"] = bootstrap;
    auto conf = make_conf(properties);
    REQUIRE(conf);
    rd_kafka_conf_set_log_cb(conf->get(), nullptr);
    auto made = make_client(ClientType::producer, std::move(*conf));
    REQUIRE(made);
    client_ = std::move(*made);
  }
  [[nodiscard]] rd_kafka_t* get() { return client_.get(); }

  void write(const std::string& topic, const std::string& key, const std::string& value) {
    REQUIRE(rd_kafka_producev(get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_KEY(key.data(), key.size()),
                              RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                              RD_KAFKA_V_HEADER("name", "value", 5),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void flush() { REQUIRE(rd_kafka_flush(get(), 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR); }

 private:
  ClientHandle client_;
};

void done(rd_kafka_error_t* error) {
  if (error == nullptr) return;
  const std::string what = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  FAIL(what);
}

const char* const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};

// Two brokers, so that a leader can change, and one controller.
struct Bench {
  Bench() {
    std::vector<NewTopic> topics;
    for (const char* codec : codecs) topics.push_back({codec, 1, 1, {}});
    for (const char* topic : {"transactions", "damaged", "restarted"}) {
      topics.push_back({topic, 1, 1, {}});
    }
    topics.push_back({"moved", 1, 2, {}});
    const auto created = Admin(bootstrap).create_topics(topics, now() + seconds(60));
    if (!created) FAIL(created.error().message);
    std::vector<std::string> names;
    for (const auto& topic : topics) names.push_back(topic.name);
    watch = std::make_unique<ClusterWatch>(cluster->nodes(), names);
    const auto led = [&](const ClusterState& state) {
      return state.partitions.size() == topics.size() &&
             std::ranges::all_of(state.partitions,
                                 [](const auto& p) { return p.leader.value >= 0; });
    };
    REQUIRE(watch->wait_until(led, now() + seconds(60), {}));
  }
  ~Bench() { fs::remove_all(data); }

  std::int64_t log_end(const std::string& topic) {
    const auto end = watch->log_end({topic, 0}, now() + seconds(30));
    if (!end) FAIL(end.error().message);
    return *end;
  }
  // A transaction's marker comes after its producer was told: the end with all of them.
  bool all_ended(const std::string& topic) {
    for (const Instant until = now() + seconds(30); now() < until;) {
      const auto stable = watch->last_stable_offset({topic, 0}, until);
      if (stable && *stable == log_end(topic)) return true;
      std::this_thread::sleep_for(milliseconds(20));
    }
    return false;
  }
  NodeId leader(const std::string& topic) {
    for (const auto& partition : watch->state().partitions) {
      if (partition.where.topic == topic) return partition.leader;
    }
    return NodeId(-1);
  }
  Read read(Reader reader, const std::string& topic, nanoseconds budget = seconds(60),
            const std::function<void(const LogRecord&)>& also = {},
            const std::stop_token& stop = {}) {
    Read out;
    const auto keep = [&](const LogBatch& batch, const LogRecord& record) {
      if (also) also(record);
      if (batch.seen && (out.epochs.empty() || out.epochs.back() != batch.leader_epoch)) {
        out.epochs.push_back(batch.leader_epoch);
      }
      if (batch.control) return out.markers.push_back(record.offset);
      out.records.push_back(
          {record.offset, record.timestamp_ms, text(record.key), text(record.value)});
      if (record.committed) out.committed.push_back(record.offset);
    };
    const auto keep_all = [&](const TopicPartition&, const LogBatch& batch,
                              std::span<const LogRecord> records) {
      for (const LogRecord& record : records) keep(batch, record);
    };
    const auto reading = read_log(reader, bootstrap, {{{topic, 0}, 0, log_end(topic)}}, keep_all,
                                  now() + budget, stop);
    CHECK(reading.refusal.empty());
    out.outcome = reading.outcomes.at(0);
    return out;
  }

  fs::path data = fs::temp_directory_path() / ("seatrial-wire-" + std::to_string(::getpid()));
  test::RealCluster cluster{
      "local", {.brokers = 2, .controllers = 1, .data = data.string()}, "wire"};
  std::string bootstrap = cluster->bootstrap();
  std::unique_ptr<ClusterWatch> watch;
};

void reads_every_codec(Bench& bench) {
  for (const char* codec : codecs) {
    INFO("codec " << codec);
    Producer producer(bench.bootstrap, {{"compression.codec", codec}, {"linger.ms", "20"}});
    for (int i = 0; i < 3000; ++i) {
      producer.write(codec, std::to_string(i % 7),
                     "message " + std::to_string(i) + std::string(100, 'x'));
    }
    producer.flush();
    const Read by_wire = bench.read(Reader::wire, codec);
    CHECK(by_wire.outcome.complete);
    CHECK(by_wire.outcome.messages == 3000);
    CHECK(by_wire.committed.size() == 3000);
    const Read by_library = bench.read(Reader::librdkafka, codec);
    CHECK(by_library.outcome.complete);
    CHECK((by_wire.records == by_library.records));
  }
}

void sees_transactions_as_they_ended(Bench& bench) {
  Producer plain(bench.bootstrap, {});
  Producer producer(bench.bootstrap, {{"transactional.id", "wire"}, {"linger.ms", "0"}});
  done(rd_kafka_init_transactions(producer.get(), 60'000));
  for (const char end : {'c', 'a', 'c', 'a', 'a'}) {
    done(rd_kafka_begin_transaction(producer.get()));
    for (int i = 0; i < 40; ++i) {
      producer.write("transactions", "", std::string(1, end));
      plain.write("transactions", "", "plain");
    }
    producer.flush();
    plain.flush();
    if (end == 'c') done(rd_kafka_commit_transaction(producer.get(), 60'000));
    else done(rd_kafka_abort_transaction(producer.get(), 60'000));
  }
  REQUIRE(bench.all_ended("transactions"));
  const Read read = bench.read(Reader::wire, "transactions");
  INFO(read.outcome.reason);
  CHECK(read.outcome.complete);
  CHECK(read.records.size() == 400);
  CHECK(read.markers.size() == 5);
  std::vector<std::int64_t> committed;
  for (const Copy& record : read.records) {
    if (record.value != "a") committed.push_back(record.offset);
  }
  CHECK(committed.size() == 280);
  CHECK(read.committed == committed);

  done(rd_kafka_begin_transaction(producer.get()));
  producer.write("transactions", "", "c");
  producer.flush();
  const Read open = bench.read(Reader::wire, "transactions", seconds(2));
  CHECK_FALSE(open.outcome.complete);
  CHECK(open.outcome.reason.find("a transaction is open") != std::string::npos);
  done(rd_kafka_commit_transaction(producer.get(), 60'000));
  REQUIRE(bench.all_ended("transactions"));
  CHECK(bench.read(Reader::wire, "transactions").outcome.complete);
}

// One byte of the third of four batches, in the file that the broker sends from.
void names_a_batch_that_changed_on_the_disk(Bench& bench) {
  Producer producer(bench.bootstrap, {{"linger.ms", "0"}});
  std::int64_t damaged = 0;
  for (int batch = 0; batch < 4; ++batch) {
    if (batch == 2) damaged = bench.log_end("damaged");
    producer.write("damaged", "", "batch " + std::to_string(batch));
    producer.flush();
  }
  int changed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(bench.data)) {
    if (entry.path().parent_path().filename() != "damaged-0") continue;
    if (entry.path().extension() != ".log") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto at = all.find("batch 2");
    REQUIRE(at != std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(at)).write("B", 1);
    ++changed;
  }
  REQUIRE(changed == 1);
  const Read read = bench.read(Reader::wire, "damaged");
  CHECK_FALSE(read.outcome.complete);
  CHECK(read.outcome.corrupt_batch == damaged);
  CHECK(read.outcome.reason ==
        "the CRC32C of the record batch at offset " + std::to_string(damaged) + " differs");
  CHECK(read.records.size() == static_cast<std::size_t>(damaged));

  // The audit calls it corrupt, and the rest of the partition unknown.
  History history;
  const std::vector<scenario::TopicPlan> topics{
      {.name = "damaged", .partitions = 1, .replication = 1, .config = {}}};
  const auto result = run::audit_log({.watch = *bench.watch,
                                      .access = bench.bootstrap,
                                      .topics = topics,
                                      .recover_budget = seconds(60),
                                      .read_budget = seconds(60)},
                                     history, {}, [](std::uint64_t) {});
  CHECK_FALSE(result.complete);
  CHECK(result.reader == Reader::wire);
  const auto& corrupt = history.partitions.at(0).corrupt.examples;
  REQUIRE_FALSE(corrupt.empty());
  CHECK(corrupt.back().offset == damaged);
  CHECK(corrupt.back().note.find("CRC32C of its record batch") != std::string::npos);
}

void stops_at_once(Bench& bench) {
  std::stop_source stop;
  const Read read = bench.read(
      Reader::wire, "none", seconds(60), [&](const LogRecord&) { stop.request_stop(); },
      stop.get_token());
  if (read.outcome.complete) return;  // all of it was in the first answer
  CHECK(read.outcome.reason == "reading was interrupted");
}

bool each_once_and_in_order(const Read& read, std::size_t count) {
  if (read.records.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (read.records[i].key != std::to_string(i)) return false;
  }
  return true;
}

// 30 MB, so that most of it is not read yet when the only replica's broker is killed.
void outlives_a_restart(Bench& bench) {
  constexpr std::size_t count = 3000;
  Producer producer(bench.bootstrap, {});
  for (std::size_t i = 0; i < count; ++i) {
    producer.write("restarted", std::to_string(i), std::string(10'000, 'x'));
  }
  producer.flush();
  const NodeId victim = bench.leader("restarted");
  bool killed = false;
  const auto restart = [&](const LogRecord& record) {
    if (record.offset < 100 || std::exchange(killed, true)) return;
    bench.cluster->processes()->signal(victim, Signal::kill);
    while (bench.cluster->processes()->state(victim).kind == ProcessState::Kind::running) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    bench.cluster->processes()->start(victim);
  };
  const Read read = bench.read(Reader::wire, "restarted", seconds(120), restart);
  INFO(read.outcome.reason);
  CHECK(killed);
  CHECK(read.outcome.complete);
  CHECK(each_once_and_in_order(read, count));
}

void sees_the_leaders_epochs(Bench& bench) {
  Producer producer(bench.bootstrap, {{"acks", "all"}});
  const auto write = [&](int from) {
    for (int i = from; i < from + 100; ++i) producer.write("moved", std::to_string(i), "x");
    producer.flush();
  };
  const auto in_sync = [](const ClusterState& state) {
    return std::ranges::all_of(state.partitions, [](const auto& p) {
      return p.where.topic != "moved" || p.isr.size() == 2;
    });
  };
  REQUIRE(bench.watch->wait_until(in_sync, now() + seconds(60), {}));
  write(0);
  const NodeId before = bench.leader("moved");
  bench.cluster->processes()->signal(before, Signal::kill);
  const auto moved = [&](const ClusterState& state) {
    return std::ranges::all_of(state.partitions, [&](const auto& p) {
      return p.where.topic != "moved" || (p.leader.value >= 0 && p.leader != before);
    });
  };
  REQUIRE(bench.watch->wait_until(moved, now() + seconds(60), {}));
  write(100);
  const Read read = bench.read(Reader::wire, "moved");
  INFO(read.outcome.reason);
  CHECK(read.outcome.complete);
  CHECK(each_once_and_in_order(read, 200));
  REQUIRE(read.epochs.size() == 2);
  CHECK(read.epochs[0] < read.epochs[1]);
}

TEST_CASE("the wire reader sees what real brokers hold") {
  Bench bench;
  reads_every_codec(bench);
  stops_at_once(bench);
  sees_transactions_as_they_ended(bench);
  names_a_batch_that_changed_on_the_disk(bench);
  outlives_a_restart(bench);
  sees_the_leaders_epochs(bench);
}

}  // namespace
}  // namespace seatrial::kafka
