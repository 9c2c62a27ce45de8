// From a message's intended time to its consumer: one lane produces at a rate and one consumes,
// through one real local broker. Prints response and end-to-end percentiles of each round; figures
// hold for the machine they were taken on. Two rounds go before, whose figures are dropped: they
// tell of a JVM that compiles what it runs. Of each round the first seconds are left out, too:
// there a new topic's leaders, files and connections are made, and 50 ms of that would be its p99.
//
//     ./seatrial bench end_to_end [RATE [ROUNDS]]      10,000/s, 5 rounds of 5 seconds
#include <fmt/format.h>

#include <cstdlib>
#include <thread>

#include "bench/macro/lane_rig.hpp"
#include "bench/macro/side_by_side.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "support/real_cluster.hpp"
#include "workloads/consumer_lane.hpp"
#include "workloads/producer_lane.hpp"

namespace seatrial::bench {
namespace {

constexpr int partitions = 6;
constexpr auto length = seconds(5);
constexpr auto warmup = seconds(2);  // of each round
constexpr int warming_rounds = 2;
constexpr std::uint64_t warming_rate = 20'000;  // per second, at least

void print(const char* name, const measure::Histogram& latency) {
  fmt::print("{:<12} p50 {:>8.3f} ms  p99 {:>8.3f} ms  p99.9 {:>8.3f} ms  of {}\n", name,
             static_cast<double>(latency.value_at(50)) / 1e6,
             static_cast<double>(latency.value_at(99)) / 1e6,
             static_cast<double>(latency.value_at(99.9)) / 1e6, latency.count());
}

enum class Figures { print, drop };

void play_round(const std::string& bootstrap, const std::string& topic, const Rate& rate,
                Figures figures) {
  LaneRig to(bootstrap, topic, partitions, {{"acks", "1"}, {"linger.ms", "1"}});
  LaneRig from(bootstrap, topic, partitions, {{"auto.offset.reset", "earliest"}});
  std::atomic<bool> reading = false;
  std::thread consumer([&] {
    const workloads::ConsumerSettings settings{.group = topic};
    const auto ready = [&] {
      from.start(warmup);
      reading = true;
    };
    workloads::run_consumer_lane(settings, from.context, ready, {});
  });
  while (!reading) std::this_thread::sleep_for(milliseconds(5));
  workloads::ProducerSettings settings{
      .rate = rate,
      .size = workloads::SizeShape::parse("100B").value(),
      .keys = workloads::KeyShape::parse("none").value(),
      .count = static_cast<std::uint64_t>(rate.per_second() * to_seconds(warmup + length)),
      .before_handover = nullptr};
  workloads::run_producer_lane(settings, to.context, [&] { to.start(warmup); }, {});
  const Instant deadline = now() + seconds(30);
  while (from.counters.consumed < to.counters.acked && now() < deadline) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  from.clock.consumers_stop = true;
  consumer.join();
  check(from.counters.consumed == settings.count, "every message arrives");
  if (figures == Figures::drop) return;
  print("response", to.recorder.total(measure::Metric::response));
  print("end_to_end", from.recorder.total(measure::Metric::end_to_end));
}

int run(const std::vector<std::string>& words) {
  const auto rate = parse_rate(words.empty() ? "10000/s" : words[0] + "/s");
  if (!rate) throw InfrastructureError(rate.error().message);
  const int rounds = words.size() < 2 ? 5 : static_cast<int>(*parse_integer(words[1]));
  test::RealCluster cluster("local", {.brokers = 1, .combined = true}, "end-to-end-bench");
  Rate warming = *rate;
  if (warming.per_second() < warming_rate) warming = {.messages = warming_rate};
  for (int round = -warming_rounds; round < rounds; ++round) {
    const bool warm = round >= 0;
    const std::string topic = (warm ? "orders-" : "warming-") + std::to_string(std::abs(round));
    const auto made = kafka::Admin(cluster->bootstrap())
                          .create_topics({{topic, partitions, 1, {}}}, now() + seconds(60));
    if (!made) throw InfrastructureError(made.error().message);
    play_round(cluster->bootstrap(), topic, warm ? *rate : warming,
               warm ? Figures::print : Figures::drop);
  }
  return 0;
}

const MacroRegistration registration(
    {"end_to_end", "from the intended time to the consumer, through a real broker", run});

}  // namespace
}  // namespace seatrial::bench
