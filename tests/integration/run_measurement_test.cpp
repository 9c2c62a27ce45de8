// What a stall shows in, on a real broker: one of the generator's own in response and lateness,
// one of the broker in response and service. Figures are compared with the stall that was made and
// with each other only.
#include <memory>
#include <thread>
#include <utility>

#include "kafka/admin.hpp"
#include "ledger/ledger.hpp"
#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"
#include "support/steady.hpp"
#include "workloads/producer_lane.hpp"

namespace seatrial::run {
namespace {

using measure::Metric;

constexpr auto length = seconds(4);

// One lane at 500/s for `length`, on a broker of its own.
class Bench {
 public:
  Bench() : cluster("local", {.brokers = 1, .combined = true}, "measurement") {
    const auto created = kafka::Admin(cluster->bootstrap())
                             .create_topics({{"orders", 1, 1, {}}}, now() + seconds(60));
    if (!created) FAIL(created.error().message);
  }

  // `during` runs beside the lane; `before_handover` on it.
  void run(const std::function<void(std::uint64_t)>& before_handover,
           const std::function<void(Instant measure_start)>& during) {
    LaneContext context;
    context.workload = "produce";
    context.bootstrap = cluster->bootstrap();
    context.topic = "orders";
    context.trial_tag = 1;
    context.seed = 1;
    context.properties = {{"acks", "all"}, {"linger.ms", "1"}};
    context.clock = &clock_;
    context.counters = &counters_;
    context.recorder = &recorder;
    context.ledger = &lane_;
    workloads::ProducerSettings settings{.rate = parse_rate("500/s").value(),
                                         .size = workloads::SizeShape::parse("100B").value(),
                                         .keys = workloads::KeyShape::parse("none").value(),
                                         .before_handover = before_handover};
    std::jthread beside;
    const auto ready = [&] {
      const Instant start = now() + milliseconds(10);
      const Instant measured = start + seconds(1);  // the first second warms up the JVM
      clock_.start_ns = to_ns(start);
      clock_.measure_ns = to_ns(measured);
      clock_.intend_until_ns = to_ns(measured + length);
      clock_.settle_until_ns = to_ns(measured + length + seconds(30));
      recorder.set_origin(clock_.measure_ns);
      recorder.set_measure(clock_.measure_ns, clock_.intend_until_ns);
      beside = std::jthread([&during, measured] { during(measured); });
    };
    const LaneReport report = workloads::run_producer_lane(settings, context, ready, {});
    CHECK(counters_.acked == report.intended);
    CHECK(recorder.impossible_count() == 0);
  }

  // In milliseconds. Of 2000 messages a stall of a second holds 500, so the slowest twentieth
  // waited most of it, whatever else was slow for a moment.
  [[nodiscard]] double p95(Metric metric) const {
    return static_cast<double>(recorder.total(metric).value_at(95)) / 1e6;
  }

  test::RealCluster cluster;
  measure::LaneRecorder recorder{0};

 private:
  TrialClock clock_;
  LaneCounters counters_;
  ledger::Ledger ledger_{{{.lane = LaneId(0), .workload = "produce", .topic = "orders"}}};
  ledger::LaneLedger lane_ = ledger_.lane(0);
};

double max_ms(const Bench& bench, Metric metric) {
  return static_cast<double>(bench.recorder.total(metric).max()) / 1e6;
}

// So long that brokers on a busy machine answer in a fraction of it.
TEST_CASE("a lane stalled for two seconds shows in response and lateness and not in service",
          "[alone]") {
  const auto tried = test::steady(
      [] {
        auto made = std::make_unique<Bench>();
        bool stalled = false;
        made->run(
            [&](std::uint64_t handed) {
              if (handed < 1000 || std::exchange(stalled, true)) return;
              std::this_thread::sleep_for(seconds(2));
            },
            [](Instant) {});
        REQUIRE(stalled);
        return made;
      },
      [](const auto& made) {
        return made->p95(Metric::service) < made->p95(Metric::lateness) / 2;
      });
  const Bench& bench = *tried;
  CHECK(max_ms(bench, Metric::response) >= 1900);
  CHECK(max_ms(bench, Metric::lateness) >= 1900);
  CHECK(bench.p95(Metric::response) >= 1500);
  CHECK(bench.p95(Metric::lateness) >= 1500);
  CHECK(bench.p95(Metric::service) < bench.p95(Metric::lateness) / 2);
}

TEST_CASE("a broker that stands still for a second shows in response and service", "[alone]") {
  const auto tried = test::steady(
      [] {
        auto made = std::make_unique<Bench>();
        made->run([](std::uint64_t) {},
                  [&](Instant measured) {
                    std::this_thread::sleep_until(measured + seconds(1));
                    made->cluster->processes()->signal(NodeId(1), Signal::pause);
                    std::this_thread::sleep_for(seconds(1));
                    made->cluster->processes()->signal(NodeId(1), Signal::resume);
                  });
        return made;
      },
      [](const auto& made) {
        return made->p95(Metric::lateness) < made->p95(Metric::response) / 2;
      });
  const Bench& bench = *tried;
  CHECK(max_ms(bench, Metric::response) >= 900);
  CHECK(max_ms(bench, Metric::service) >= 900);
  CHECK(bench.p95(Metric::response) >= 400);
  CHECK(bench.p95(Metric::service) >= 400);
  CHECK(bench.p95(Metric::lateness) < bench.p95(Metric::response) / 2);
}

}  // namespace
}  // namespace seatrial::run
