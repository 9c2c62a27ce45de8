// What a gate's decision costs, and how gates end by noise and effect: the power curve, in the
// counters of gate_power (shares of 2,000 simulated gates; sigma and effect in per cent), and of
// gate_noise by model (20,000; the models of gate/simulate.hpp in their order, from 0).
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "gate/decide.hpp"
#include "gate/power.hpp"
#include "gate/simulate.hpp"

namespace seatrial::gate {
namespace {

void gate_decide_at_the_last_look(benchmark::State& state) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> noise(0, 0.05);
  std::vector<GatedSeries> series(static_cast<std::size_t>(state.range(0)));
  for (GatedSeries& each : series) {
    for (int pair = 0; pair < 24; ++pair)
      each.pairs.push_back({pair, noise(engine), pair % 4 == 1 || pair % 4 == 2});
  }
  for (auto _ : state) benchmark::DoNotOptimize(decide(series, {}, 24, 0));
}
BENCHMARK(gate_decide_at_the_last_look)->Arg(1)->Arg(5)->Unit(benchmark::kMicrosecond);

void count(benchmark::State& state, const Ends& ends) {
  const auto share = [&](std::uint64_t n) {
    return static_cast<double>(n) / static_cast<double>(ends.gates);
  };
  state.counters["fail"] = share(ends.fail);
  state.counters["pass"] = share(ends.pass);
  state.counters["inconclusive"] = share(ends.inconclusive);
  state.counters["invalid"] = share(ends.invalid);
  state.counters["pairs"] = ends.mean_pairs;
}

double ratio(std::int64_t per_cent) { return static_cast<double>(per_cent) / 100; }

void gate_power(benchmark::State& state) {
  const double sigma = ratio(state.range(0));
  const double effect = ratio(state.range(1));
  Ends ends;
  for (auto _ : state)
    ends = simulate({.noise = {.sigma = sigma}, .effect = effect, .gates = 2000, .seed = 1});
  count(state, ends);
  state.counters["last_look"] = power(24, sigma, effect, {}, 0.05);
}
BENCHMARK(gate_power)
    ->ArgNames({"sigma", "effect"})
    ->ArgsProduct({{2, 5, 10, 15, 20}, {0, 2, 5, 7, 10, 15, 20, 30, 40}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void gate_noise(benchmark::State& state) {
  const NoiseModel noise{.kind = static_cast<Noise>(state.range(0)),
                         .sigma = ratio(state.range(1))};
  Ends ends;
  for (auto _ : state)
    ends = simulate({.noise = noise, .effect = ratio(state.range(2)), .gates = 20'000, .seed = 1});
  count(state, ends);
}
BENCHMARK(gate_noise)
    ->ArgNames({"model", "sigma", "effect"})
    ->ArgsProduct({{0, 1, 2, 3, 4}, {5, 10, 20}, {0, 10}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace seatrial::gate
