// How late faults strike: the 99th percentile of the injection error, from the last moment at which
// a trigger may have been met to the action, in the counters of injection_error (ms). `busy`:
// threads that keep cores full meanwhile, as brokers do. To be at most 5 ms.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "run/timeline.hpp"
#include "support/fake_cluster.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

constexpr int faults_each = 20;

// Half of them at times, half after acks, which come one a millisecond.
std::vector<scenario::FaultPlan> striking() {
  std::vector<scenario::FaultPlan> out;
  const auto* pause = Registry<Fault>::instance().find("pause");
  for (int i = 1; i <= faults_each; ++i) {
    std::vector<OptionProblem> problems;
    scenario::FaultPlan plan;
    plan.action = "pause";
    plan.options = Options::check(pause->options, {}, problems);
    plan.target = *parse_target("broker(" + std::to_string(i) + ")");
    plan.drawn = {NodeId(i)};
    plan.heal_after = milliseconds(1);
    if (i % 2 == 0) plan.trigger.at = milliseconds(10 * i);
    else plan.trigger.after_acked = static_cast<std::uint64_t>(10 * i);
    out.push_back(std::move(plan));
  }
  return out;
}

void add_errors(std::vector<double>& errors_ms) {
  const fs::path folder =
      fs::temp_directory_path() / ("seatrial-bench-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  {
    record::Journal journal(folder);
    test::FakeCluster cluster(faults_each);
    kafka::ClusterWatch watch({}, {});
    const auto plan = striking();
    const Instant start = now();
    Timeline timeline(plan, {.cluster = cluster,
                             .watch = watch,
                             .journal = journal,
                             .trial = 0,
                             .measure_start = start,
                             .acked_since_measure = [start] {
                               return static_cast<std::uint64_t>((now() - start) / milliseconds(1));
                             }});
    while (timeline.over() < plan.size()) std::this_thread::sleep_for(milliseconds(1));
    for (const FaultOutcome& fault : timeline.outcomes())
      errors_ms.push_back(to_seconds(fault.asked_at - fault.due) * 1000);
  }
  fs::remove_all(folder);
}

void injection_error(benchmark::State& state) {
  std::vector<std::jthread> busy;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    busy.emplace_back([](const std::stop_token& stop) {
      std::atomic<std::uint64_t> spun{0};
      while (!stop.stop_requested()) spun.fetch_add(1, std::memory_order_relaxed);
    });
  }
  std::vector<double> errors;
  for (auto _ : state) add_errors(errors);
  std::ranges::sort(errors);
  state.counters["p50_ms"] = errors[errors.size() / 2];
  state.counters["p99_ms"] = errors[errors.size() * 99 / 100];
  state.counters["max_ms"] = errors.back();
  state.counters["faults"] = static_cast<double>(errors.size());
}
BENCHMARK(injection_error)->ArgName("busy")->Arg(0)->Arg(2)->Iterations(50)->UseRealTime();

}  // namespace
}  // namespace seatrial::run
