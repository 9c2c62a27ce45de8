// What watching costs the brokers: their CPU, and the harness's, with the cluster watch at ten
// ticks a second, with their JVMs asked for metrics once a second, and with neither, in turn, on a
// real local cluster of three brokers; and what each kind of request that the watch sends costs.
// Prints medians and ranges, of one core per broker.
//
//     ./seatrial bench watch [ROUNDS [SECONDS]]      5 rounds, 6 seconds with each way
//
// A young JVM interprets what it runs and compiles beside: the same request costs ten times as
// much as later. So the first figures are of young brokers, as in a short trial, and the table is
// of brokers that have answered thousands of each request. CPU is the process clock of the kernel,
// to the nanosecond. Figures hold for the machine they were taken on; only those of one run
// compare.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "bench/macro/side_by_side.hpp"
#include "clusters/jars.hpp"
#include "clusters/jolokia.hpp"
#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "kafka/watch.hpp"
#include "kafka/wire/connection.hpp"
#include "run/broker_metrics.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::bench {
namespace {

using kafka::wire::Connection;

constexpr int brokers = 3;
constexpr int partitions = 6;
constexpr int warming_requests = 20'000;  // past the JVM's threshold for its better compiler
constexpr int warming_quorum = 3'000;     // dearer: two nodes answer one
constexpr int asked_per_s = 20;           // of each broker, while a kind of request is measured
constexpr auto patience = seconds(60);
constexpr auto rest = seconds(10);  // until what is to be compiled is

double cpu_of(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  check(clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0,
        "the process is there");
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

struct Kind {
  const char* name;
  int warming;
  std::function<bool(Connection&)> ask;
};

std::vector<Kind> kinds() {
  std::vector<TopicPartition> all;
  for (int p = 0; p < partitions; ++p) all.push_back({"orders", p});
  const auto ends = [all](kafka::wire::Offset which) {
    return [all, which](Connection& to) {
      return to.offsets(all, which, now() + patience).has_value();
    };
  };
  return {{"metadata", warming_requests,
           [](Connection& to) { return to.metadata({"orders"}, now() + patience).has_value(); }},
          {"high watermarks", warming_requests, ends(kafka::wire::Offset::high_watermark)},
          {"log ends", warming_requests, ends(kafka::wire::Offset::log_end)},
          {"quorum", warming_quorum,
           [](Connection& to) { return to.quorum(now() + patience).has_value(); }}};
}

// Of one core: what all brokers used divided by their number, and what this process did.
struct Share {
  std::vector<double> broker, harness;
};

std::string reported(std::vector<double> values, int digits) {
  std::ranges::sort(values);
  return fmt::format("{0:6.{3}f} ({1:.{3}f} to {2:.{3}f})", values[values.size() / 2],
                     values.front(), values.back(), digits);
}

class Bench {
 public:
  Bench() : cluster_("local", {.brokers = brokers, .combined = true}, "watch-bench") {
    const auto made = kafka::Admin(cluster_->bootstrap())
                          .create_topics({{"orders", partitions, brokers, {}}}, now() + patience);
    if (!made) throw InfrastructureError(made.error().message);
    for (const Node& node : cluster_->nodes()) {
      pids_.push_back(cluster_->processes()->state(node.id).host_pid);
      auto opened = Connection::open(node.address, now() + patience);
      if (!opened) throw InfrastructureError(opened.error().message);
      connections_.push_back(std::move(*opened));
    }
  }

  void warm() {
    load_agent();
    for (const Kind& kind : kinds_) {
      each_broker([&](Connection& to) {
        for (int i = 0; i < kind.warming; ++i) check(kind.ask(to), "the broker answers");
      });
    }
    for (int i = 0; i < 50; ++i) ask_metrics();
    std::this_thread::sleep_for(rest);
  }

  void round(nanoseconds length) {
    measure("neither", length, [](Instant until) { std::this_thread::sleep_until(until); });
    measure("watch, 10 ticks/s", length, [this](Instant until) { watch(until); });
    measure("metrics, 1/s", length, [this](Instant until) {
      for (Instant next = now() + seconds(1); next <= until; next += seconds(1)) {
        std::this_thread::sleep_until(next);
        ask_metrics();
      }
      std::this_thread::sleep_until(until);
    });
    for (const Kind& kind : kinds_) ask_steadily(kind, length / 3);
  }

  void print() const {
    print_shares();
    fmt::print("\n{:<30} {}\n", "CPU of a request, us", "broker");
    for (const auto& [name, costs] : request_us_) {
      fmt::print("{:<30} {}\n", name, reported(costs, 0));
    }
  }

 private:
  void load_agent() {
    const auto agent = clusters::prepare_metrics_agent({});
    if (!agent) throw InfrastructureError(agent.error().message);
    const double before = brokers_cpu();
    for (const pid_t pid : pids_) {
      auto started = clusters::Jolokia::start(pid, *agent, now() + patience);
      if (!started) throw InfrastructureError(started.error().message);
      agents_.push_back(std::move(*started));
    }
    fmt::print("loading the metrics agent: {:.2f} s of a broker's CPU, once\n\n",
               (brokers_cpu() - before) / brokers);
  }

  [[nodiscard]] double brokers_cpu() const {
    double sum = 0;
    for (const pid_t pid : pids_) sum += cpu_of(pid);
    return sum;
  }

  void each_broker(const std::function<void(Connection&)>& act) {
    std::vector<std::jthread> threads;
    for (Connection& to : connections_) threads.emplace_back([&] { act(to); });
  }

  void watch(Instant until) {
    const kafka::ClusterWatch watch(cluster_->nodes(), {"orders"});
    std::this_thread::sleep_until(until);
  }

  void ask_metrics() {
    for (auto& agent : agents_) {
      const auto answer = agent->ask(seatrial::run::broker_metrics_question(), now() + patience);
      check(answer && seatrial::run::parse_broker_metrics(*answer), "the broker tells its metrics");
    }
  }

  // Runs `beside` for so long.
  template <class Beside>
  void measure(const std::string& name, nanoseconds length, Beside beside) {
    const double broker = brokers_cpu(), harness = cpu_of(::getpid());
    const Instant begun = now();
    beside(begun + length);
    const double span = to_seconds(now() - begun);
    costs_[name].broker.push_back((brokers_cpu() - broker) / span / brokers * 100);
    costs_[name].harness.push_back((cpu_of(::getpid()) - harness) / span * 100);
  }

  // Above what the round's "neither" used in the same time.
  void ask_steadily(const Kind& kind, nanoseconds length) {
    const double before = brokers_cpu();
    const Instant begun = now();
    const auto count = length * asked_per_s / seconds(1);
    each_broker([&](Connection& to) {
      for (int i = 0; i < count; ++i) {
        std::this_thread::sleep_until(begun + nanoseconds(seconds(1)) * i / asked_per_s);
        check(kind.ask(to), "the broker answers");
      }
    });
    const double idle = costs_["neither"].broker.back() / 100 * to_seconds(now() - begun);
    const double used = (brokers_cpu() - before) / brokers - idle;
    request_us_[kind.name].push_back(used / static_cast<double>(count) * 1e6);
  }

  void print_shares() const {
    fmt::print("{:<30} {:<26} {}\n", "% of a core", "each broker", "harness");
    const auto& idle = costs_.at("neither").broker;
    for (const auto& [name, cost] : costs_) {
      fmt::print("{:<30} {:<26} {}\n", name, reported(cost.broker, 2), reported(cost.harness, 2));
      if (name == "neither") continue;
      std::vector<double> above;
      for (std::size_t i = 0; i < idle.size(); ++i) above.push_back(cost.broker[i] - idle[i]);
      fmt::print("{:<30} {}\n", "  above neither, by round", reported(above, 2));
    }
  }

  test::RealCluster cluster_;
  std::vector<Kind> kinds_ = kinds();
  std::vector<pid_t> pids_;
  std::vector<Connection> connections_;
  std::vector<std::unique_ptr<clusters::Jolokia>> agents_;
  std::map<std::string, Share> costs_;
  std::map<std::string, std::vector<double>> request_us_;
};

int run(const std::vector<std::string>& words) {
  const int rounds = words.empty() ? 5 : static_cast<int>(*parse_integer(words[0]));
  const int length_s = words.size() < 2 ? 6 : static_cast<int>(*parse_integer(words[1]));
  Bench bench;
  bench.warm();
  for (int i = 0; i < rounds; ++i) bench.round(seconds(length_s));
  bench.print();
  return 0;
}

const MacroRegistration registration({"watch", "what watching real brokers costs them", run});

}  // namespace
}  // namespace seatrial::bench
