// A producing lane against the mock cluster: its books, and what a stall, an error and a refusal do
// to them. Says nothing about Kafka.
#include <sys/resource.h>

#include <map>
#include <memory>
#include <thread>

#include "kafka/log_reader.hpp"
#include "kafka/mock.hpp"
#include "ledger/audit.hpp"
#include "ledger/ledger.hpp"
#include "measure/availability.hpp"
#include "measure/recorder.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/steady.hpp"
#include "workloads/producer_lane.hpp"

using namespace seatrial;

namespace {

constexpr int partitions = 3;
constexpr int produce_key = 0;  // the protocol's number of the Produce request

workloads::ProducerSettings settings_of(const char* rate) {
  return {.rate = parse_rate(rate).value(),
          .size = workloads::SizeShape::parse("100B").value(),
          .keys = workloads::KeyShape::parse("none").value(),
          .before_handover = nullptr};
}

// All that a lane needs, with a trial that starts when the lane is ready.
struct Bench {
  explicit Bench(nanoseconds length) : length_(length) {
    cluster.create_topic("orders", partitions, 1);
    context.workload = "produce";
    context.bootstrap = cluster.bootstrap();
    context.topic = "orders";
    context.partitions = partitions;
    context.trial_tag = 4711;
    context.seed = 1;
    context.properties = {{"linger.ms", "1"}};
    context.clock = &clock;
    context.counters = &counters;
    context.recorder = &recorder;
    context.ledger = &lane;
    context.availability = &availability;
  }

  LaneReport run(const workloads::ProducerSettings& settings) {
    const auto ready = [this] {
      const Instant start = now() + milliseconds(10);
      clock.start_ns = to_ns(start);
      clock.measure_ns = to_ns(start);
      clock.intend_until_ns = to_ns(start + length_);
      clock.settle_until_ns = to_ns(start + length_ + seconds(90));
      recorder.set_origin(clock.measure_ns);
      recorder.set_measure(clock.measure_ns, clock.intend_until_ns);
    };
    return workloads::run_producer_lane(settings, context, ready, stop.get_token());
  }

  // Everything in the log, judged against what the ledger knows.
  History audit() {
    ledger::Audit audit(context.trial_tag, ledger.snapshot());
    std::vector<kafka::ReadSpan> spans;
    for (const auto& stream : ledger.snapshot()) {
      spans.push_back({stream.where, 0, stream.max_acked_offset + 1});
      audit.expect(stream.where, 0, spans.back().to);
    }
    const auto observe = [&](const TopicPartition& where, const LogBatch& batch,
                             std::span<const LogRecord> records) {
      audit.observe(where, batch, records);
    };
    const Instant deadline = now() + seconds(90);
    const auto reading =
        kafka::read_log(kafka::Reader::wire, cluster.bootstrap(), spans, observe, deadline, {});
    for (const auto& read : reading.outcomes) {
      INFO(read.reason);
      CHECK(read.complete);
      audit.complete(read.where);
    }
    History history;
    audit.finish(history);
    return history;
  }

  kafka::MockCluster cluster{1};
  TrialClock clock;
  LaneCounters counters;
  measure::LaneRecorder recorder{0};
  measure::Availability availability{{{"orders", 0}, {"orders", 1}, {"orders", 2}}};
  ledger::Ledger ledger{std::vector<ledger::LaneShape>{
      {.lane = LaneId(0), .workload = "produce", .topic = "orders", .partitions = partitions}}};
  ledger::LaneLedger lane = ledger.lane(0);
  LaneContext context;
  std::stop_source stop;

 private:
  nanoseconds length_;
};

double p99_ms(const measure::LaneRecorder& recorder, measure::Metric metric) {
  return static_cast<double>(recorder.total(metric).value_at(99)) / 1e6;
}

}  // namespace

TEST_CASE("a lane at a rate gets every message acked, and the log holds each once", "[light]") {
  Bench bench(seconds(2));
  const auto report = bench.run(settings_of("2000/s"));
  CHECK(report.intended == 4000);
  CHECK(report.unsent == 0);
  CHECK(bench.counters.acked == 4000);
  CHECK(bench.counters.handed == 4000);
  CHECK(report.errors.empty());
  CHECK(report.effective_config.at("linger.ms") == "1");
  CHECK(bench.recorder.total(measure::Metric::response).count() == 4000);
  CHECK(bench.recorder.impossible_count() == 0);
  std::uint64_t acked = 0;
  for (const auto& stream : bench.audit().streams) {
    acked += stream.acked.count();
    CHECK(stream.present == stream.acked);
    CHECK(stream.opened == stream.acked.count());
    CHECK(stream.opened > 0);  // the sticky partition moves on
  }
  CHECK(acked == 4000);
}

TEST_CASE("a lane that spins sends bursts and a trace to its end, and nothing else", "[light]") {
  using Shape = measure::Arrivals::Shape;
  auto settings = settings_of("1000/s");
  settings.spin = std::chrono::microseconds(20);
  settings.arrivals = {.shape = Shape::bursts, .burst = 300};
  Bench bursts(seconds(1));
  CHECK(bursts.run(settings).intended == 1200);  // at 0, 300, 600 and 900 ms
  CHECK(bursts.counters.acked == 1200);
  CHECK(bursts.recorder.impossible_count() == 0);  // none was sent before its time

  settings.arrivals = {
      .shape = Shape::trace,
      .trace = std::make_shared<measure::Trace>(measure::Trace{{0, 1'000'000, 5'000'000}, false})};
  Bench trace(seconds(20));  // ends with the trace, not with its time
  CHECK(trace.run(settings).intended == 3);
  CHECK(trace.counters.acked == 3);
}

TEST_CASE("a count ends a lane, and the closed loop has no backlog", "[light]") {
  Bench bench(seconds(20));
  auto settings = settings_of("max");
  settings.count = 30'000;
  const auto report = bench.run(settings);
  CHECK(report.intended == 30'000);
  CHECK(bench.counters.acked == 30'000);
}

TEST_CASE("a stalled lane shows in response and lateness and not in service", "[alone]") {
  const auto tried = test::steady(
      [] {
        auto bench = std::make_unique<Bench>(seconds(2));
        auto settings = settings_of("1000/s");
        bool stalled = false;
        settings.before_handover = [&](std::uint64_t handed) {
          if (handed < 1000 || std::exchange(stalled, true)) return;
          std::this_thread::sleep_for(milliseconds(500));
        };
        const auto report = bench->run(settings);
        CHECK(bench->counters.acked == report.intended);
        return bench;
      },
      [](const auto& bench) {
        return p99_ms(bench->recorder, measure::Metric::service) <
               p99_ms(bench->recorder, measure::Metric::lateness) / 2;
      });
  const Bench& bench = *tried;
  // 500 of 2000 messages fall due during the stall, so the slowest hundredth waited nearly all of
  // it.
  const double lateness = p99_ms(bench.recorder, measure::Metric::lateness);
  CHECK(lateness > 400);
  CHECK(p99_ms(bench.recorder, measure::Metric::response) > 400);
  CHECK(p99_ms(bench.recorder, measure::Metric::service) < lateness / 2);
}

TEST_CASE("a slow broker shows in response and service and not in lateness", "[alone]") {
  const auto tried = test::steady(
      [] {
        auto bench = std::make_unique<Bench>(seconds(2));
        bench->cluster.set_round_trip(NodeId(1), milliseconds(300));
        static_cast<void>(bench->run(settings_of("500/s")));
        return bench;
      },
      [](const auto& bench) {
        return p99_ms(bench->recorder, measure::Metric::lateness) <
               p99_ms(bench->recorder, measure::Metric::response) / 2;
      });
  const Bench& bench = *tried;
  const double response = p99_ms(bench.recorder, measure::Metric::response);
  CHECK(response >= 300);
  CHECK(p99_ms(bench.recorder, measure::Metric::service) >= 300);
  CHECK(p99_ms(bench.recorder, measure::Metric::lateness) < response / 2);
}

TEST_CASE("a lane that may hold back wakes seldom, and is late by no more than that") {
  const auto run = [](nanoseconds wake) {
    auto bench = std::make_unique<Bench>(seconds(1));
    auto settings = settings_of("5000/s");
    settings.wake = wake;
    rusage before{}, after{};
    getrusage(RUSAGE_THREAD, &before);
    const LaneReport report = bench->run(settings);
    getrusage(RUSAGE_THREAD, &after);
    CHECK(report.unsent == 0);
    CHECK(report.wake_ns == wake.count());
    CHECK(bench->counters.acked == 5000);
    CHECK(bench->recorder.overrun().count() == 5000);
    CHECK(bench->recorder.impossible_count() == 0);  // none was sent before its time
    return std::pair(std::move(bench), after.ru_nvcsw - before.ru_nvcsw);
  };
  const auto held = run(std::chrono::microseconds(900));
  // Every 200 us one is due: five are handed over at once, of which the first is 800 us late.
  CHECK(held.second < 2500);
  const auto late = held.first->recorder.total(measure::Metric::lateness);
  CHECK(late.value_at(90) > 700'000);
  // That much was planned, and what is graded is only the rest of it.
  CHECK(held.first->recorder.overrun().mean() < late.mean());
  // What linger does not allow is not held back.
  auto bench = std::make_unique<Bench>(seconds(1));
  bench->context.properties = {{"linger.ms", "0"}};
  auto settings = settings_of("1000/s");
  settings.wake = milliseconds(20);
  CHECK(bench->run(settings).wake_ns == 0);
  CHECK(bench->recorder.total(measure::Metric::lateness).value_at(10) < 1'000'000);
}

TEST_CASE("an error on the closed list is a failure, an ambiguous one is unknown, both by name",
          "[light]") {
  Bench bench(seconds(1));
  SECTION("too large for the broker: certainly not written") {
    bench.cluster.push_errors(produce_key, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
    const auto report = bench.run(settings_of("1000/s"));
    CHECK(bench.counters.failed > 0);
    CHECK(bench.counters.unknown == 0);
    CHECK(bench.counters.failed + bench.counters.acked == report.intended);
    REQUIRE_FALSE(report.errors.empty());
    CHECK(report.errors.begin()->second.contains("MSG_SIZE_TOO_LARGE"));
  }
  SECTION("not replicated in time, and no retry: it may have been written") {
    bench.context.properties["retries"] = "0";
    bench.cluster.push_errors(produce_key, {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
    const auto report = bench.run(settings_of("1000/s"));
    CHECK(bench.counters.unknown > 0);
    CHECK(bench.counters.failed == 0);
    CHECK(bench.counters.unknown + bench.counters.acked == report.intended);
    REQUIRE_FALSE(report.errors.empty());
    CHECK(report.errors.begin()->second.contains("REQUEST_TIMED_OUT"));
  }
}

TEST_CASE("what the client refuses for good is failed without being sent", "[light]") {
  Bench bench(milliseconds(300));
  bench.context.properties["message.max.bytes"] = "1000";
  auto settings = settings_of("1000/s");
  settings.size = workloads::SizeShape::parse("2kB").value();
  const auto report = bench.run(settings);
  CHECK(bench.counters.failed == report.intended);
  CHECK(bench.audit().streams.at(0).acked.empty());
}

TEST_CASE("a full client queue keeps messages in sequence and counts as backpressure", "[light]") {
  Bench bench(seconds(1));
  bench.context.properties["queue.buffering.max.messages"] = "50";
  bench.cluster.set_round_trip(NodeId(1), milliseconds(100));
  const auto report = bench.run(settings_of("1000/s"));
  CHECK(bench.counters.acked == report.intended);
  CHECK(report.intended == 1000);
  CHECK(bench.counters.backpressure_ns > 0);
  bench.cluster.set_round_trip(NodeId(1), milliseconds(0));
  for (const auto& partition : bench.audit().partitions) {
    CHECK(partition.reordered.count == 0);
    CHECK(partition.duplicate.count == 0);
  }
}

TEST_CASE("without a broker the rest is unsent or unknown, and the lane still ends", "[light]") {
  Bench bench(seconds(1));
  bench.context.properties["queue.buffering.max.messages"] = "100";
  auto settings = settings_of("1000/s");
  settings.before_handover = [&](std::uint64_t handed) {
    if (handed >= 300) bench.cluster.set_down(NodeId(1));
  };
  const auto ready = [&] {
    const Instant start = now();
    bench.clock.start_ns = bench.clock.measure_ns = to_ns(start);
    bench.clock.intend_until_ns = to_ns(start + seconds(1));
    bench.clock.settle_until_ns = to_ns(start + milliseconds(1500));
    bench.recorder.set_origin(bench.clock.measure_ns);
    bench.recorder.set_measure(bench.clock.measure_ns, bench.clock.intend_until_ns);
  };
  const auto report =
      workloads::run_producer_lane(settings, bench.context, ready, bench.stop.get_token());
  CHECK(report.intended == 1000);
  CHECK(report.unsent >= 500);
  CHECK(bench.counters.unknown > 0);
  CHECK(bench.counters.acked + bench.counters.failed + bench.counters.unknown ==
        1000 - report.unsent);
  CHECK(bench.recorder.total(measure::Metric::response).count() == 1000);  // none is dropped
  CHECK(bench.lane.in_flight() == 0);
  std::uint64_t opened = 0;
  for (const auto& stream : bench.ledger.snapshot()) opened += stream.opened;
  CHECK(opened == bench.counters.handed);  // what was never handed over is taken back
}

TEST_CASE("a partition whose messages never left the lane was unavailable too", "[light]") {
  Bench bench(seconds(1));
  // The client holds the first hundred, all of one partition; what waits is of others as well.
  bench.context.properties["queue.buffering.max.messages"] = "100";
  bench.context.properties["batch.num.messages"] = "100";
  bench.context.properties["linger.ms"] = "60000";
  auto settings = settings_of("1000/s");
  settings.before_handover = [&](std::uint64_t) { bench.cluster.set_down(NodeId(1)); };
  std::int64_t settled_ns = 0;
  const auto ready = [&] {
    const Instant start = now();
    bench.clock.start_ns = bench.clock.measure_ns = to_ns(start);
    bench.clock.intend_until_ns = to_ns(start + seconds(1));
    bench.clock.settle_until_ns = settled_ns = to_ns(start + milliseconds(1500));
  };
  const auto report =
      workloads::run_producer_lane(settings, bench.context, ready, bench.stop.get_token());
  CHECK(bench.counters.handed == 100);
  CHECK(report.unsent == 900);
  const auto spans = bench.availability.spans(settled_ns);
  CHECK(spans.size() >= 2);
  for (const auto& span : spans) CHECK(to_ns(span.to) == settled_ns);
}

TEST_CASE("acks=0 is sent, never acked", "[light]") {
  Bench bench(milliseconds(500));
  bench.context.properties["acks"] = "0";
  const auto report = bench.run(settings_of("1000/s"));
  CHECK(bench.counters.sent == report.intended);
  CHECK(bench.counters.acked == 0);
}

TEST_CASE("a stop ends a lane early, and its books still balance", "[light]") {
  Bench bench(seconds(60));
  std::jthread stopper([&] {
    while (bench.counters.acked == 0) std::this_thread::sleep_for(milliseconds(10));
    bench.stop.request_stop();
  });
  const auto report = bench.run(settings_of("1000/s"));
  CHECK(report.intended > 0);
  CHECK(report.intended < 30'000);
  CHECK(bench.counters.acked == report.intended);
}

TEST_CASE("a lane that sends as fast as it can asks for no memory per message", "[light]") {
  if (!test::allocations_are_counted()) SEATRIAL_SKIP("allocations are not counted in this build");
  Bench bench(seconds(60));
  constexpr std::uint64_t messages = 300'000;
  auto settings = settings_of("max");
  settings.count = messages;
  test::SteadyAllocations steady{.messages = messages};
  settings.before_handover = [&](std::uint64_t handed) { steady.handed_over(handed); };
  const auto report = bench.run(settings);
  CHECK(report.unsent == 0);
  REQUIRE(steady.to > steady.from + messages / 2);
  // Once a second the recorder hands its figures over.
  INFO(steady.count() << " allocations for " << steady.handed() << " messages");
  CHECK(steady.count() * 100 < steady.handed());
}
