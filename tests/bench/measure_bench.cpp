// What measuring one message costs: histogram, recorder, pacer, and encoding an interval.
// Links against benchmark_main; figures are compared within one run only.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <random>

#include "measure/histogram.hpp"
#include "measure/hlog.hpp"
#include "measure/pacer.hpp"
#include "measure/recorder.hpp"

namespace seatrial::measure {
namespace {

constexpr std::size_t sample_count = 4096;  // a power of two: the index is masked

// Latencies like those of a healthy broker: around 1 ms, with a tail to 100 ms.
std::array<std::int64_t, sample_count> latencies() {
  std::array<std::int64_t, sample_count> values{};
  std::mt19937_64 engine(1);
  std::lognormal_distribution<double> spread(13.8, 0.8);
  for (std::int64_t& value : values) value = static_cast<std::int64_t>(spread(engine));
  return values;
}

void histogram_record(benchmark::State& state) {
  const auto values = latencies();
  Histogram h = Histogram::latency();
  for (auto _ : state) {
    for (const std::int64_t value : values) h.record(value);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_count));
}
BENCHMARK(histogram_record);

void histogram_record_coarse(benchmark::State& state) {
  const auto values = latencies();
  Histogram h = Histogram::coarse();
  for (auto _ : state) {
    for (const std::int64_t value : values) h.record(value);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_count));
}
BENCHMARK(histogram_record_coarse);

// Response, service and lateness, whole and by second, of messages at 1 M/s.
void recorder_acked(benchmark::State& state) {
  const auto values = latencies();
  LaneRecorder recorder(0, INT64_MAX);
  std::int64_t at = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::int64_t latency = values[i++ & (sample_count - 1)];
    recorder.acked(at, at + latency / 8, at + latency);
    at += 1000;
    if ((i & 63) == 0) {
      recorder.publish_if_due(at);
      if ((i & 0xfffff) == 0) benchmark::DoNotOptimize(recorder.drain());
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(recorder_acked);

void recorder_intended(benchmark::State& state) {
  LaneRecorder recorder(0, INT64_MAX);
  std::int64_t at = 0;
  for (auto _ : state) recorder.intended(at += 1);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(recorder_intended);

void pacer_constant(benchmark::State& state) {
  Pacer pacer({.messages = 999'983}, Arrivals::constant, 0, 2, 0, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pacer.next_ns());
    pacer.advance();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pacer_constant);

void pacer_poisson(benchmark::State& state) {
  Pacer pacer({.messages = 999'983}, Arrivals::poisson, 0, 2, 0, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pacer.next_ns());
    pacer.advance();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(pacer_poisson);

void hlog_encode(benchmark::State& state) {
  Histogram h = Histogram::latency();
  for (const std::int64_t value : latencies()) h.record(value);
  for (auto _ : state) benchmark::DoNotOptimize(encode(h));
}
BENCHMARK(hlog_encode)->Unit(benchmark::kMicrosecond);

void histogram_merge(benchmark::State& state) {
  Histogram sum = Histogram::coarse();
  Histogram h = Histogram::coarse();
  for (const std::int64_t value : latencies()) h.record(value);
  for (auto _ : state) sum.add(h);
}
BENCHMARK(histogram_merge);

}  // namespace
}  // namespace seatrial::measure
