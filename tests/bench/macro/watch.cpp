// What watching costs a broker: its CPU, and the harness's, with the cluster watch at ten turns a
// second, with its JVM asked for metrics once a second, and with neither, in turn, on one real
// local broker. Prints medians and ranges in percent of one core.
//
//     ./seatrial bench watch [ROUNDS [SECONDS]]      5 rounds of 10 seconds each
//
// CPU comes from /proc/PID/stat, in hundredths of a second. Figures hold for the machine they were
// taken on; only those of one run compare.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/macro/side_by_side.hpp"
#include "clusters/jars.hpp"
#include "clusters/jolokia.hpp"
#include "core/check.hpp"
#include "kafka/admin.hpp"
#include "kafka/watch.hpp"
#include "measure/machine.hpp"
#include "run/broker_metrics.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::bench {
namespace {

constexpr int partitions = 6;

double cpu_of(int pid) {
  const auto sample = measure::sample_process(pid);
  check(sample.has_value(), "the process is there");
  return sample->cpu_s;
}

struct Share {
  std::vector<double> broker, harness;  // percent of one core, by round
};

class Bench {
 public:
  Bench() : cluster_("local", {.brokers = 1, .combined = true}, "watch-bench") {
    const auto made = kafka::Admin(cluster_->bootstrap())
                          .create_topics({{"orders", partitions, 1, {}}}, now() + seconds(60));
    if (!made) throw InfrastructureError(made.error().message);
    pid_ = cluster_->processes()->state(NodeId(1)).host_pid;
    const auto agent = clusters::prepare_metrics_agent({});
    if (!agent) throw InfrastructureError(agent.error().message);
    const double before = cpu_of(pid_);
    auto started = clusters::Jolokia::start(pid_, *agent, now() + seconds(60));
    if (!started) throw InfrastructureError(started.error().message);
    jolokia_ = std::move(*started);
    fmt::print("loading the metrics agent: {:.2f} s of the broker's CPU, once\n",
               cpu_of(pid_) - before);
  }

  // Runs `beside` for so long.
  template <class Beside>
  void measure(const std::string& name, nanoseconds length, Beside beside) {
    const double broker = cpu_of(pid_), harness = cpu_of(::getpid());
    const Instant begun = now();
    beside(begun + length);
    const double span = to_seconds(now() - begun);
    costs_[name].broker.push_back((cpu_of(pid_) - broker) / span * 100);
    costs_[name].harness.push_back((cpu_of(::getpid()) - harness) / span * 100);
  }

  void round(nanoseconds length) {
    measure("neither", length, [](Instant until) { std::this_thread::sleep_until(until); });
    measure("watch, 10 turns/s", length, [this](Instant until) {
      const kafka::ClusterWatch watch(cluster_->nodes(), {"orders"});
      std::this_thread::sleep_until(until);
    });
    measure("metrics, 1/s", length, [this](Instant until) {
      for (Instant next = now() + seconds(1); next <= until; next += seconds(1)) {
        std::this_thread::sleep_until(next);
        const auto answer =
            jolokia_->ask(seatrial::run::broker_metrics_question(), next + seconds(5));
        check(answer && seatrial::run::parse_broker_metrics(*answer),
              "the broker tells its metrics");
      }
      std::this_thread::sleep_until(until);
    });
  }

  void print() {
    const auto told = [](std::vector<double> values) {
      std::ranges::sort(values);
      return fmt::format("{:5.2f} ({:.2f} to {:.2f})", values[values.size() / 2], values.front(),
                         values.back());
    };
    fmt::print("{:<20} {:<26} {}\n", "% of one core", "broker", "harness");
    for (const auto& [name, cost] : costs_) {
      fmt::print("{:<20} {:<26} {}\n", name, told(cost.broker), told(cost.harness));
    }
  }

 private:
  test::RealCluster cluster_;
  int pid_ = 0;
  std::unique_ptr<clusters::Jolokia> jolokia_;
  std::map<std::string, Share> costs_;
};

int run(const std::vector<std::string>& words) {
  const int rounds = words.empty() ? 5 : std::stoi(words[0]);
  const int length_s = words.size() < 2 ? 10 : std::stoi(words[1]);
  Bench bench;
  for (int i = 0; i < rounds; ++i) bench.round(seconds(length_s));
  bench.print();
  return 0;
}

const MacroRegistration registration({"watch", "what watching a real broker costs it", run});

}  // namespace
}  // namespace seatrial::bench
