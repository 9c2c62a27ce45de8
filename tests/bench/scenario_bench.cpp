// What making a plan costs: reading YAML, loading a scenario with a matrix, printing its plan.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "scenario/document.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/scenario.hpp"

namespace seatrial::scenario {
namespace {

// 6 variants of 5 trials each, with faults that draw their brokers.
const std::string text = R"(name: bench
title: Does a plan of usual size come at once?
cluster: {kind: local, brokers: 3, config: {num.io.threads: 4}}
topics:
  orders: {partitions: 6, replication: 3, config: {min.insync.replicas: 2}}
  audit: {}
workloads:
  produce:
    kind: producer
    topic: orders
    lanes: 2
    rate: 2.5k/s
    arrivals: ramp(100/s, 10s)
    size: 1KiB
    properties: {acks: "${acks}", linger.ms: "${linger}"}
  read: {kind: consumer, topic: orders, group: readers, commit: sync}
matrix: {acks: [1, all], linger: [0, 5, 20]}
repeat: 5
phases: {warmup: 5s, measure: 30s}
timeline:
  - {at: 5s, fault: pause, target: one, heal_after: 700ms}
  - {at: 15s, fault: kill, target: one, heal_after: 5s}
expect:
  - {that: acked_lost == 0, where: {acks: all}}
  - {that: "p99(produce.response) < 50ms", outside: faults}
)";

Request request() {
  return {.path = "bench.yaml", .text = text, .settings = {}, .names = {}, .environment = {}};
}

void yaml_load(benchmark::State& state) {
  for (auto _ : state) {
    Problems problems;
    benchmark::DoNotOptimize(parse_document(text, 0, problems));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(yaml_load)->Unit(benchmark::kMicrosecond);

void plan_load(benchmark::State& state) {
  for (auto _ : state) {
    const auto loaded = load(request());
    if (!loaded.plan) {
      state.SkipWithError(to_text(loaded.diagnostics).c_str());
      return;
    }
  }
}
BENCHMARK(plan_load)->Unit(benchmark::kMicrosecond);

void plan_print(benchmark::State& state) {
  const auto loaded = load(request());
  if (!loaded.plan) {
    state.SkipWithError(to_text(loaded.diagnostics).c_str());
    return;
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(plan_to_text(*loaded.plan));
    benchmark::DoNotOptimize(plan_to_json(*loaded.plan).dump());
  }
}
BENCHMARK(plan_print)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace seatrial::scenario
