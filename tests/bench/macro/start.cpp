// How long a cluster takes from nothing to the first message acked by all replicas: three brokers
// and a controller as local processes, with their own class-data archive in the cache. Prints wall
// time and what the brokers' processes used of the processor until then.
//
//     ./seatrial bench start [ROUNDS]      5 rounds
#include <fmt/format.h>

#include <algorithm>

#include "bench/macro/lane_rig.hpp"
#include "bench/macro/side_by_side.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "measure/machine.hpp"
#include "support/real_cluster.hpp"
#include "workloads/producer_lane.hpp"

namespace seatrial::bench {
namespace {

struct Start {
  double up_s = 0, acked_s = 0, cpu_s = 0;
};

double cpu_of(Cluster& cluster) {
  double sum = 0;
  for (const Node& node : cluster.nodes()) {
    const auto used = measure::sample_process(cluster.processes()->state(node.id).host_pid);
    sum += used ? used->cpu_s : 0;
  }
  return sum;
}

Start start_once(int round) {
  const Instant begun = now();
  test::RealCluster cluster("local", {.brokers = 3, .controllers = 1},
                            "start-bench-" + std::to_string(round));
  const Instant up = now();
  const auto made =
      kafka::Admin(cluster->bootstrap()).create_topics({{"orders", 1, 3, {}}}, now() + seconds(60));
  if (!made) throw InfrastructureError(made.error().message);
  LaneRig rig(cluster->bootstrap(), "orders", 1, {{"acks", "all"}});
  const workloads::ProducerSettings one{.rate = parse_rate("max").value(),
                                        .size = workloads::SizeShape::parse("100B").value(),
                                        .keys = workloads::KeyShape::parse("none").value(),
                                        .count = 1,
                                        .before_handover = nullptr};
  workloads::run_producer_lane(one, rig.context, [&] { rig.start(); }, {});
  check(rig.counters.acked == 1, "the first message is acked");
  return {to_seconds(up - begun), to_seconds(now() - begun), cpu_of(*cluster)};
}

int run(const std::vector<std::string>& words) {
  const int rounds = words.empty() ? 5 : static_cast<int>(*parse_integer(words[0]));
  std::vector<Start> starts;
  for (int round = 0; round < rounds; ++round) starts.push_back(start_once(round));
  const auto print = [&](const char* name, double Start::*figure) {
    std::vector<double> values;
    for (const Start& start : starts) values.push_back(start.*figure);
    std::ranges::sort(values);
    fmt::print("{:<28} {:.2f} s ({:.2f} to {:.2f})\n", name, values[values.size() / 2],
               values.front(), values.back());
  };
  print("listeners answer", &Start::up_s);
  print("first message acked by all", &Start::acked_s);
  print("CPU of the nodes until then", &Start::cpu_s);
  return 0;
}

const MacroRegistration registration({"start", "from nothing to the first acked message", run});

}  // namespace
}  // namespace seatrial::bench
