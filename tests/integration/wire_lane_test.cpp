// A lane with `engine: wire`: its books against the mock cluster, and on real brokers what it was
// told against what a fresh reader finds in the log, also when a leader dies.
#include "workloads/wire_lane.hpp"

#include <sys/resource.h>

#include <map>
#include <memory>
#include <thread>

#include "judge/generator.hpp"
#include "kafka/admin.hpp"
#include "kafka/log_reader.hpp"
#include "kafka/mock.hpp"
#include "kafka/wire/connection.hpp"
#include "ledger/audit.hpp"
#include "ledger/ledger.hpp"
#include "ledger/operation_log.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"
#include "support/skip.hpp"
#include "support/steady.hpp"

using namespace seatrial;

namespace {

constexpr int partitions = 3;
constexpr int produce_key = 0;  // the protocol's number of the Produce request

workloads::ProducerSettings settings_of(const char* rate, const char* size = "100B",
                                        const char* keys = "none") {
  return {.rate = parse_rate(rate).value(),
          .size = workloads::SizeShape::parse(size).value(),
          .keys = workloads::KeyShape::parse(keys).value(),
          .before_handover = nullptr};
}

// All that a lane needs, with a trial that starts when the lane is ready.
struct Bench {
  Bench(const std::string& bootstrap, const std::string& topic, nanoseconds length,
        std::map<std::string, std::string> properties)
      : availability({{topic, 0}, {topic, 1}, {topic, 2}}),
        ledger(std::vector<ledger::LaneShape>{
            {.lane = LaneId(0), .workload = "wire", .topic = topic, .partitions = partitions}}),
        lane(ledger.lane(0)),
        length_(length) {
    context.workload = "wire";
    context.bootstrap = bootstrap;
    context.topic = topic;
    context.partitions = partitions;
    context.trial_tag = 4712;
    context.seed = 1;
    context.properties = std::move(properties);
    context.clock = &clock;
    context.counters = &counters;
    context.recorder = &recorder;
    context.ledger = &lane;
    context.availability = &availability;
  }

  LaneReport run(const workloads::ProducerSettings& settings, nanoseconds settle = seconds(60)) {
    const auto ready = [&] {
      const Instant start = now() + milliseconds(10);
      clock.start_ns = to_ns(start);
      clock.measure_ns = to_ns(start);
      clock.intend_until_ns = to_ns(start + length_);
      clock.settle_until_ns = to_ns(start + length_ + settle);
      recorder.set_origin(clock.measure_ns);
      recorder.set_measure(clock.measure_ns, clock.intend_until_ns);
    };
    return workloads::run_wire_lane(settings, context, ready, stop.get_token());
  }

  // Everything in the log, judged against what the ledger knows.
  History audit() {
    ledger::Audit audit(context.trial_tag, ledger.snapshot());
    const Instant deadline = now() + seconds(90);
    std::vector<kafka::ReadSpan> spans;
    for (const auto& stream : ledger.snapshot()) {
      spans.push_back({stream.where, 0, log_end(stream.where)});
      audit.expect(stream.where, 0, spans.back().to);
    }
    const auto observe = [&](const TopicPartition& where, const LogBatch& batch,
                             std::span<const LogRecord> records) {
      audit.observe(where, batch, records);
    };
    const auto reading =
        kafka::read_log(kafka::Reader::wire, context.bootstrap, spans, observe, deadline, {});
    for (const auto& read : reading.outcomes) {
      INFO(read.reason);
      CHECK(read.complete);
      audit.complete(read.where);
    }
    History history;
    audit.finish(history);
    return history;
  }

  TrialClock clock;
  LaneCounters counters;
  measure::LaneRecorder recorder{0};
  measure::Availability availability;
  ledger::Ledger ledger;
  ledger::LaneLedger lane;
  LaneContext context;
  std::stop_source stop;

  // Asks whoever leads it, until somebody does: then it can be written, too.
  std::int64_t log_end(const TopicPartition& where) const {
    const Instant deadline = now() + seconds(60);
    for (std::size_t from = 0; now() < deadline; from = context.bootstrap.find(',', from) + 1) {
      const std::string address =
          context.bootstrap.substr(from, context.bootstrap.find(',', from) - from);
      auto connection = kafka::wire::Connection::open(address, now() + seconds(2));
      if (!connection) continue;
      // Followers tell where their own log ends, but only leaders what consumers may read.
      if (!connection->offset(where, kafka::wire::Offset::high_watermark, now() + seconds(2))) {
        continue;
      }
      const auto reported =
          connection->offset(where, kafka::wire::Offset::log_end, now() + seconds(2));
      if (reported) return *reported;
    }
    FAIL("nobody leads " << to_string(where));
    return 0;
  }

 private:
  nanoseconds length_;
};

// A lane that lingers, and how often its thread went to sleep.
struct Sleeper {
  Sleeper() { cluster.create_topic("orders", partitions, 1); }
  [[nodiscard]] std::int64_t late_ns() const {
    return bench.recorder.total(measure::Metric::lateness).value_at(50);  // others work here, too
  }
  kafka::MockCluster cluster{1};
  Bench bench{cluster.bootstrap(), "orders", seconds(1), {{"linger.ms", "5"}}};
  LaneReport report;
  long sleeps = 0;
};

// What was acked is there once and in order, what failed is not, and nothing else is.
void check_sound(const History& history, bool idempotent) {
  for (const auto& stream : history.streams) {
    CHECK(stream.acked.minus(stream.present).empty());
    CHECK(stream.failed.intersect(stream.present).empty());
    CHECK(stream.nonmonotonic_send.count == 0);
    CHECK(stream.inconsistent_offset.count == 0);
  }
  for (const auto& partition : history.partitions) {
    CHECK(partition.duplicate.count == 0);
    CHECK(partition.phantom.count == 0);
    CHECK(partition.corrupt.count == 0);
    if (idempotent) CHECK(partition.reordered.count == 0);
  }
}

// Brokers on a busy machine lose a leader or a follower by themselves. That ends batches which may
// not be sent again, each with its error; nothing but an error leaves a message without its ack.
void every_message_ended(const Bench& bench, const LaneReport& report, bool sent_again) {
  std::uint64_t erroneous = 0;
  for (const auto& [partition, errors] : report.errors) {
    for (const auto& [name, count] : errors) {
      INFO(name << " in partition " << partition);
      erroneous += count;
      CHECK((name.starts_with("NOT_") || name == "_TRANSPORT" || name == "REQUEST_TIMED_OUT"));
    }
  }
  const auto& counters = bench.counters;
  CHECK(counters.acked + counters.sent + erroneous == report.intended);  // sent: with acks=0
  CHECK(counters.failed + counters.unknown == erroneous);
  if (sent_again) CHECK(erroneous == 0);
}

std::uint64_t acked_of(const History& history) {
  std::uint64_t acked = 0;
  for (const auto& stream : history.streams) acked += stream.acked.count();
  return acked;
}

}  // namespace

TEST_CASE("wire lane on the mock: every message acked, recorded and found", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  SECTION("at a rate, all alike") {
    Bench bench(cluster.bootstrap(), "orders", seconds(1), {{"linger.ms", "1"}});
    const auto report = bench.run(settings_of("4000/s"));
    CHECK(report.intended == 4000);
    CHECK(report.unsent == 0);
    CHECK(bench.counters.acked == 4000);
    CHECK(bench.counters.handed == 4000);
    CHECK(report.errors.empty());
    CHECK(report.client_version.starts_with("seatrial wire"));
    CHECK(report.effective_config.at("linger.ms") == "1");
    CHECK_FALSE(report.effective_config.contains("retries"));
    for (const auto metric :
         {measure::Metric::response, measure::Metric::service, measure::Metric::lateness}) {
      CHECK(bench.recorder.total(metric).count() == 4000);
    }
    CHECK(bench.recorder.impossible_count() == 0);
    check_sound(bench.audit(), false);
  }
  SECTION("of different sizes, with keys, compressed") {
    Bench bench(cluster.bootstrap(), "orders", seconds(20), {{"compression.codec", "lz4"}});
    auto settings = settings_of("max", "uniform(50B, 500B)", "uniform(100)");
    settings.count = 20'000;
    const auto report = bench.run(settings);
    CHECK(report.intended == 20'000);
    CHECK(bench.counters.acked == 20'000);
    const History history = bench.audit();
    check_sound(history, false);
    CHECK(acked_of(history) == 20'000);
  }
  SECTION("each message by itself where operations are kept") {
    Bench bench(cluster.bootstrap(), "orders", seconds(20), {});
    ledger::OperationLog log;
    bench.lane.keep_operations(log, LaneId(0), 0);
    auto settings = settings_of("max");
    settings.count = 3000;
    static_cast<void>(bench.run(settings));
    const auto kept = log.take().sends;
    CHECK(kept.size() == 3000);
    for (const auto& send : kept) {
      CHECK(send.end == ledger::SendOperation::End::acked);
      CHECK(send.sent_ns > 0);
      CHECK(send.done_ns >= send.sent_ns);
    }
  }
}

TEST_CASE("wire lane on the mock: linger is response, not lateness, and a batch is one wake-up") {
  const auto run = [] {
    auto bench = std::make_unique<Sleeper>();
    rusage before{}, after{};
    getrusage(RUSAGE_THREAD, &before);
    bench->report = bench->bench.run(settings_of("10000/s"));
    getrusage(RUSAGE_THREAD, &after);
    bench->sleeps = after.ru_nvcsw - before.ru_nvcsw;
    return bench;
  };
  const auto tried = test::steady(run, [](const auto& one) { return one->late_ns() < 1'000'000; });
  const Sleeper& lane = *tried;
  CHECK(lane.report.unsent == 0);
  CHECK(lane.bench.counters.acked == 10'000);
  CHECK(lane.bench.recorder.impossible_count() == 0);
  CHECK(lane.late_ns() < 1'000'000);
  const auto response = lane.bench.recorder.total(measure::Metric::response);
  CHECK(response.value_at(99) > 4'900'000);
  CHECK_FALSE(judge::generator_limit(lane.late_ns(), response.value_at(50), 0));
  CHECK(lane.bench.recorder.total(measure::Metric::service).value_at(99) > 4'900'000);
  // 200 batches of 50 messages: one wake-up to send each, and some for what the broker answers.
  CHECK(lane.sleeps < 1500);
}

TEST_CASE("wire lane on the mock: a batch that is full by the schedule does not linger") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  const auto tried = test::steady(
      [&] {
        auto bench = std::make_unique<Bench>(
            cluster.bootstrap(), "orders", seconds(1),
            std::map<std::string, std::string>{{"linger.ms", "400"}, {"batch.num.messages", "40"}});
        CHECK(bench->run(settings_of("2000/s")).unsent == 0);
        CHECK(bench->counters.acked == 2000);
        return bench;
      },
      [](const auto& bench) {
        return bench->recorder.total(measure::Metric::response).value_at(90) < 60'000'000;
      });
  // Each is full after 20 ms.
  CHECK(tried->recorder.total(measure::Metric::response).value_at(90) < 60'000'000);
  CHECK(tried->recorder.total(measure::Metric::response).value_at(90) > 15'000'000);
}

TEST_CASE("wire lane on the mock: a stall is lateness, a slow broker is not") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  const auto p99 = [](const Bench& bench, measure::Metric metric) {
    return bench.recorder.total(metric).value_at(99);
  };
  const auto lane = [&] {
    return std::make_unique<Bench>(
        cluster.bootstrap(), "orders", seconds(1),
        std::map<std::string, std::string>{{"linger.ms", "5"}, {"max.in.flight", "1"}});
  };
  const auto stalled = test::steady(
      [&] {
        auto bench = lane();
        auto settings = settings_of("1000/s");
        bool done = false;
        settings.before_handover = [&](std::uint64_t handed) {
          if (handed < 300 || std::exchange(done, true)) return;
          std::this_thread::sleep_for(milliseconds(500));
        };
        static_cast<void>(bench->run(settings));
        return bench;
      },
      [&](const auto& bench) { return p99(*bench, measure::Metric::service) < 200'000'000; });
  CHECK(p99(*stalled, measure::Metric::lateness) > 400'000'000);
  CHECK(p99(*stalled, measure::Metric::service) < 200'000'000);
  cluster.set_round_trip(NodeId(1), milliseconds(300));
  const auto slow = test::steady(
      [&] {
        auto bench = lane();
        static_cast<void>(bench->run(settings_of("1000/s")));
        return bench;
      },
      [&](const auto& bench) { return p99(*bench, measure::Metric::lateness) < 100'000'000; });
  CHECK(p99(*slow, measure::Metric::lateness) < 100'000'000);
  CHECK(p99(*slow, measure::Metric::service) > 300'000'000);
}

TEST_CASE("wire lane on the mock: errors are failed or unknown by what they prove", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  const auto with = [&](const char* acks, rd_kafka_resp_err_t error) {
    auto bench = std::make_unique<Bench>(cluster.bootstrap(), "orders", milliseconds(500),
                                         std::map<std::string, std::string>{{"acks", acks}});
    cluster.push_errors(produce_key, {error});
    const auto report = bench->run(settings_of("1000/s"));
    CHECK(report.errors.size() == 1);
    CHECK(bench->counters.acked + bench->counters.failed + bench->counters.unknown == 500);
    CHECK(bench->counters.acked > 0);
    return bench;
  };
  CHECK(with("all", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)->counters.failed > 0);
  CHECK(with("all", RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS)->counters.failed > 0);
  CHECK(with("1", RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)->counters.failed > 0);
  CHECK(with("all", RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION)->counters.unknown > 0);
  CHECK(with("all", RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)->counters.unknown > 0);
  CHECK(with("all", RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND)->counters.unknown > 0);
}

TEST_CASE("wire lane on the mock: without a broker the rest is unsent or unknown", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  Bench bench(cluster.bootstrap(), "orders", seconds(1), {{"queue.buffering.max.messages", "200"}});
  auto settings = settings_of("1000/s");
  settings.before_handover = [&](std::uint64_t handed) {
    if (handed >= 300) cluster.set_down(NodeId(1));
  };
  const auto report = bench.run(settings, milliseconds(500));
  CHECK(report.intended == 1000);
  CHECK(report.unsent > 0);
  CHECK(bench.counters.backpressure_ns > 0);
  CHECK(bench.counters.acked + bench.counters.failed + bench.counters.unknown ==
        1000 - report.unsent);
  CHECK(bench.recorder.total(measure::Metric::response).count() == 1000);  // none is dropped
  CHECK(bench.lane.in_flight() == 0);
  std::uint64_t opened = 0;
  for (const auto& stream : bench.ledger.snapshot()) opened += stream.opened;
  CHECK(opened == bench.counters.handed);
}

TEST_CASE("wire lane on the mock: messages expire where nobody takes them", "[light]") {
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  Bench bench(cluster.bootstrap(), "orders", seconds(1),
              {{"message.timeout.ms", "200"}, {"request.timeout.ms", "100"}});
  auto settings = settings_of("1000/s");
  settings.before_handover = [&](std::uint64_t) { cluster.set_down(NodeId(1)); };
  const auto report = bench.run(settings);
  CHECK(bench.counters.failed > 0);  // those that never left
  CHECK(bench.counters.failed + bench.counters.unknown == 1000);
  bool expired = false;
  for (const auto& [partition, errors] : report.errors) {
    expired = expired || errors.contains("_MSG_TIMED_OUT");
  }
  CHECK(expired);
}

TEST_CASE("wire lane on the mock: no memory is asked for per message", "[light]") {
  if (!test::allocations_are_counted()) SEATRIAL_SKIP("allocations are not counted in this build");
  kafka::MockCluster cluster(1);
  cluster.create_topic("orders", partitions, 1);
  Bench bench(cluster.bootstrap(), "orders", seconds(60), {});
  constexpr std::uint64_t messages = 300'000;
  auto settings = settings_of("max");
  settings.count = messages;
  test::SteadyAllocations steady{.messages = messages};
  settings.before_handover = [&](std::uint64_t handed) { steady.handed_over(handed); };
  const auto report = bench.run(settings);
  CHECK(report.unsent == 0);
  REQUIRE(steady.to > steady.from + messages / 2);
  INFO(steady.count() << " allocations for " << steady.handed() << " messages");
  CHECK(steady.count() * 100 < steady.handed());
}

TEST_CASE("wire lane on real brokers: the log holds what each of its acks promised") {
  test::RealCluster cluster("local", {.brokers = 3}, "wire-lane");
  const std::string bootstrap = cluster->bootstrap();
  const std::map<std::string, std::map<std::string, std::string>> ways{
      {"none", {{"acks", "0"}}},
      {"one", {{"acks", "1"}}},
      {"all", {{"acks", "all"}}},
      {"zstd", {{"acks", "all"}, {"compression.codec", "zstd"}}},
      {"lz4", {{"enable.idempotence", "true"}, {"compression.codec", "lz4"}}}};
  std::vector<kafka::NewTopic> topics;
  for (const char* name : {"none", "one", "all", "zstd", "lz4", "killed", "small"}) {
    topics.push_back({name, partitions, 3, {{"min.insync.replicas", "2"}}});
  }
  topics.back().config["max.message.bytes"] = "2000";
  REQUIRE(kafka::Admin(bootstrap).create_topics(topics, now() + seconds(60)));
  auto many = settings_of("max");
  many.count = 50'000;
  for (const auto& [topic, properties] : ways) {
    CAPTURE(topic);
    Bench bench(bootstrap, topic, seconds(60), properties);
    for (const auto& partition : bench.availability.partitions()) bench.log_end(partition);
    const auto report = bench.run(many);
    CHECK(report.unsent == 0);
    CHECK(report.intended == 50'000);
    every_message_ended(bench, report, topic == "lz4");
    check_sound(bench.audit(), topic == "lz4");
  }

  // A broker refuses what is too large for the topic.
  Bench small(bootstrap, "small", seconds(1), {{"acks", "all"}});
  for (const auto& partition : small.availability.partitions()) small.log_end(partition);
  const auto refused = small.run(settings_of("100/s", "3kB"));
  CHECK(small.counters.failed == refused.intended);
  CHECK(refused.errors.begin()->second.contains("MSG_SIZE_TOO_LARGE"));
  check_sound(small.audit(), false);

  // A leader is killed: with an id nothing is lost, doubled or swapped, and new leaders are found.
  Bench bench(bootstrap, "killed", seconds(5), {{"enable.idempotence", "true"}});
  std::jthread killer([&] {
    while (bench.counters.acked < 2000) std::this_thread::sleep_for(milliseconds(5));
    cluster->processes()->signal(NodeId(1), Signal::kill);
  });
  const auto report = bench.run(settings_of("2000/s"));
  killer.join();
  CHECK(report.intended == 10'000);
  CHECK(bench.counters.acked == 10'000);
  const History history = bench.audit();
  CHECK(acked_of(history) == 10'000);
  check_sound(history, true);
}
