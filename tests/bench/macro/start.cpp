// How long a cluster takes from nothing to the first message acked by all replicas: three brokers
// and a controller as local processes, with their own class-data archive in the cache. Prints wall
// time and what the nodes' processes used of the processor until then, by the threads that used it:
// half of it is the JVMs' compilers, and brokers run with all of them, as users' do.
//
//     ./seatrial bench start [ROUNDS]      5 rounds
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "bench/macro/lane_rig.hpp"
#include "bench/macro/side_by_side.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "measure/machine.hpp"
#include "support/real_cluster.hpp"
#include "workloads/producer_lane.hpp"

namespace seatrial::bench {
namespace {

struct Start {
  double up_s = 0, acked_s = 0, cpu_s = 0;
  std::map<std::string, double> by_threads{};  // the same CPU
};

// What a thread of a node is for, by the name that the JVM or Kafka gave it.
std::string purpose_of(std::string_view thread) {
  if (thread.starts_with("C1 ")) return "  C1 compiler";
  if (thread.starts_with("C2 ")) return "  C2 compiler";
  if (thread == "VM Thread") return "  garbage collection";
  if (thread == "java") return "  main: classes, settings";
  if (thread.find("-raft-") != thread.npos || thread.find("-metadat") != thread.npos ||
      thread.starts_with("quorum-")) {
    return "  quorum and metadata";
  }
  return "  other threads";
}

// Of one thread, in seconds: fields 14 and 15 of its stat, which begin behind the name.
std::pair<std::string, double> thread_use(const std::string& stat) {
  const auto from = stat.find('('), to = stat.rfind(')');
  if (from == stat.npos || to == stat.npos) return {};
  std::istringstream rest(stat.substr(to + 1));
  std::string word;
  for (int field = 3; field < 14; ++field) rest >> word;
  std::uint64_t user = 0, system = 0;
  rest >> user >> system;
  return {stat.substr(from + 1, to - from - 1),
          static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

void add_cpu(Cluster& cluster, Start& start) {
  for (const Node& node : cluster.nodes()) {
    const auto pid = cluster.processes()->state(node.id).host_pid;
    double living = 0;
    std::error_code gone;
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
      const auto [name, used] = thread_use(file_text(task.path() / "stat").value_or(""));
      start.by_threads[purpose_of(name)] += used;
      living += used;
    }
    const auto used = measure::sample_process(pid);
    if (!used) continue;
    start.cpu_s += used->cpu_s;
    start.by_threads["  threads that ended"] += std::max(0.0, used->cpu_s - living);
  }
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
  Start out{.up_s = to_seconds(up - begun), .acked_s = to_seconds(now() - begun)};
  add_cpu(*cluster, out);
  return out;
}

int run(const std::vector<std::string>& words) {
  const int rounds = words.empty() ? 5 : static_cast<int>(*parse_integer(words[0]));
  std::vector<Start> starts;
  for (int round = 0; round < rounds; ++round) starts.push_back(start_once(round));
  const auto print = [&](const std::string& name, const auto& figure) {
    std::vector<double> values;
    for (const Start& start : starts) values.push_back(figure(start));
    std::ranges::sort(values);
    fmt::print("{:<28} {:.2f} s ({:.2f} to {:.2f})\n", name, values[values.size() / 2],
               values.front(), values.back());
  };
  print("listeners answer", [](const Start& start) { return start.up_s; });
  print("first message acked by all", [](const Start& start) { return start.acked_s; });
  print("CPU of the nodes until then", [](const Start& start) { return start.cpu_s; });
  std::set<std::string> purposes;
  for (const Start& start : starts) {
    for (const auto& [purpose, used] : start.by_threads) purposes.insert(purpose);
  }
  for (const auto& purpose : purposes) {
    print(purpose, [&](const Start& start) {
      const auto at = start.by_threads.find(purpose);
      return at == start.by_threads.end() ? 0.0 : at->second;
    });
  }
  return 0;
}

const MacroRegistration registration({"start", "from nothing to the first acked message", run});

}  // namespace
}  // namespace seatrial::bench
