// How much faster than real time a cluster of 100 brokers with 10^6 messages/s of 1 KiB is
// simulated, in requests of 16 KiB, by a sample of five brokers and by all of them: the counter
// times_real_time.
#include <benchmark/benchmark.h>

#include "simulate/cluster_model.hpp"

namespace seatrial::simulate {
namespace {

void simulate_100_brokers(benchmark::State& state) {
  const Costs costs{.cpu_s_per_request = 0.0005,
                    .hop_s = 0.0005,
                    .request_bytes = 16'384,
                    .cores = 8,
                    .outside_s = {0.001, 0.002}};
  const Question question{.brokers = 100,
                          .replication = 3,
                          .bytes_per_s = 1e6 * 1024,
                          .groups = 1,
                          .seconds = 30,
                          .lose = 1,
                          .sample = static_cast<std::size_t>(state.range(0))};
  for (auto _ : state) benchmark::DoNotOptimize(simulate(costs, question));
  state.counters["times_real_time"] =
      benchmark::Counter(question.seconds, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(simulate_100_brokers)->Arg(5)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace seatrial::simulate
