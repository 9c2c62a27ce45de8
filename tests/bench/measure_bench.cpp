// What measuring one message costs: histogram, recorder, pacer, and encoding an interval.
// Figures are compared within one run only; where HdrHistogram_c is there (SEATRIAL_PEER_HDR is the
// path of its libhdr_histogram.so), so is its time, taken in turns with ours.
#include <benchmark/benchmark.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

#include "measure/histogram.hpp"
#include "measure/hlog.hpp"
#include "measure/interval.hpp"
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

void interval_record(benchmark::State& state) {
  const auto values = latencies();
  IntervalHistogram h;
  for (auto _ : state) {
    for (const std::int64_t value : values) h.record(value);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_count));
}
BENCHMARK(interval_record);

// HdrHistogram_c, of which three functions are used; its histogram is not looked into.
class HdrHistogram {
 public:
  static constexpr const char* variable = "SEATRIAL_PEER_HDR";
  HdrHistogram() {
    const char* path = std::getenv(variable);
    if (path == nullptr) return;
    library_ = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) return;
    const auto init = reinterpret_cast<int (*)(std::int64_t, std::int64_t, int, void**)>(
        dlsym(library_, "hdr_init"));
    record_ = reinterpret_cast<Record>(dlsym(library_, "hdr_record_value"));
    close_ = reinterpret_cast<void (*)(void*)>(dlsym(library_, "hdr_close"));
    if (init == nullptr || record_ == nullptr || close_ == nullptr) return;
    const HistogramConfig config = Histogram::latency().config();
    if (init(config.lowest, config.highest, config.digits, &histogram_) != 0) histogram_ = nullptr;
  }
  ~HdrHistogram() {
    if (histogram_ != nullptr) close_(histogram_);
    if (library_ != nullptr) dlclose(library_);
  }
  HdrHistogram(const HdrHistogram&) = delete;
  HdrHistogram& operator=(const HdrHistogram&) = delete;
  [[nodiscard]] bool usable() const { return histogram_ != nullptr; }
  void record(std::int64_t value) const { record_(histogram_, value); }

 private:
  using Record = bool (*)(void*, std::int64_t);
  void* library_ = nullptr;
  Record record_ = nullptr;
  void (*close_)(void*) = nullptr;
  void* histogram_ = nullptr;
};

double cpu_ns() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Nanoseconds of CPU time a value, in turns with the peer; the ratio is the median of the rounds'.
void histogram_record_beside_hdrhistogram_c(benchmark::State& state) {
  constexpr int rounds = 31;
  constexpr int repeats = 100;  // of all values, in each round
  const HdrHistogram theirs;
  if (!theirs.usable()) {
    state.SkipWithError("skipped: SEATRIAL_PEER_HDR is not the path of a libhdr_histogram.so");
    return;
  }
  const auto values = latencies();
  Histogram ours = Histogram::latency();
  const auto cost = [&](auto&& record) {
    const double before = cpu_ns();
    for (int i = 0; i < repeats; ++i) {
      for (const std::int64_t value : values) record(value);
      benchmark::ClobberMemory();
    }
    return (cpu_ns() - before) / repeats / static_cast<double>(sample_count);
  };
  std::vector<double> our_ns, their_ns, ratios;
  for (auto _ : state) {
    for (int i = 0; i < rounds; ++i) {
      our_ns.push_back(cost([&](std::int64_t value) { ours.record(value); }));
      their_ns.push_back(cost([&](std::int64_t value) { theirs.record(value); }));
      ratios.push_back(our_ns.back() / their_ns.back());
    }
  }
  state.counters["ours_ns"] = median(our_ns);
  state.counters["theirs_ns"] = median(their_ns);
  state.counters["ratio"] = median(ratios);
  state.counters["least"] = *std::min_element(ratios.begin(), ratios.end());
  state.counters["most"] = *std::max_element(ratios.begin(), ratios.end());
}
BENCHMARK(histogram_record_beside_hdrhistogram_c)->Iterations(1)->Unit(benchmark::kMillisecond);

// All four histograms and the counts of a message at 1 M/s, by second and whole: it falls due, is
// acked, and is handed to a consumer. A second has 10^6 messages and one publication.
void recorder_message(benchmark::State& state) {
  const auto values = latencies();
  LaneRecorder producer(0, INT64_MAX);
  LaneRecorder consumer(0, INT64_MAX);
  std::int64_t at = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::int64_t latency = values[i++ & (sample_count - 1)];
    producer.intended(at);
    producer.acked(at, at + latency / 8, at + latency);
    consumer.consumed(at, at + latency * 2, true);
    at += 1000;
    if ((i & 63) == 0) {
      producer.publish_if_due(at);
      consumer.publish_if_due(at);
      if ((i & 0xfffff) == 0) {
        state.PauseTiming();  // the runner's part
        benchmark::DoNotOptimize(producer.drain());
        benchmark::DoNotOptimize(consumer.drain());
        state.ResumeTiming();
      }
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(recorder_message);

// The runner's part: what becomes of a second of one lane.
void recorder_drain(benchmark::State& state) {
  const auto values = latencies();
  LaneRecorder recorder(0, INT64_MAX);
  std::int64_t at = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (const std::int64_t latency : values) {
      recorder.acked(at, at + latency / 8, at + latency);
    }
    at += 1'000'000'000;
    recorder.publish();
    state.ResumeTiming();
    benchmark::DoNotOptimize(recorder.drain());
  }
}
BENCHMARK(recorder_drain)->Unit(benchmark::kMicrosecond);

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

void pacer_shape(benchmark::State& state, const Arrivals& arrivals) {
  Pacer pacer({.messages = 999'983}, arrivals, 0, 2, 0, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pacer.next_ns());
    pacer.advance();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(pacer_shape, bursts, {.shape = Arrivals::Shape::bursts, .burst = 100});
BENCHMARK_CAPTURE(pacer_shape, bursts_spread,
                  {.shape = Arrivals::Shape::bursts,
                   .burst = 100,
                   .span = std::chrono::microseconds(50)});
BENCHMARK_CAPTURE(pacer_shape, ramp,
                  {.shape = Arrivals::Shape::ramp,
                   .span = std::chrono::hours(1),
                   .low = {.messages = 10}});
BENCHMARK_CAPTURE(pacer_shape, diurnal,
                  {.shape = Arrivals::Shape::diurnal,
                   .span = std::chrono::hours(24),
                   .low = {.messages = 10}});
BENCHMARK_CAPTURE(pacer_shape, trace,
                  {.shape = Arrivals::Shape::trace,
                   .trace = std::make_shared<Trace>(Trace{{10, 20, 35, 1000}, true})});

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
