// The same loop on all cores at once, as a load keeps them busy: a core that shares its unit with
// another, or with another machine's, is slower for it.
#include "gate/calibrate.hpp"

#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include "core/mix.hpp"
#include "core/time.hpp"
#include "measure/histogram.hpp"

namespace seatrial::gate {
namespace {

constexpr auto span = std::chrono::milliseconds(500);
constexpr int recordings = 20'000;

// The mean over the span: what a half's seconds see is the machine's usual speed, not its best.
double mean_round() {
  auto histogram = measure::Histogram::latency();
  const Instant from = now();
  do {
    for (int i = 0; i < recordings; ++i) {
      const auto value = mix(static_cast<std::uint64_t>(i) + golden_gamma) & 0xff'ffff;
      histogram.record(static_cast<std::int64_t>(value));
    }
  } while (now() - from < span);
  // Reading the counters keeps the compiler from leaving the work out.
  return static_cast<double>((now() - from).count()) / static_cast<double>(histogram.count());
}

}  // namespace

double calibration_ns() {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<double> of_core(cores);
  std::vector<std::jthread> threads;
  for (double& mean : of_core) threads.emplace_back([&mean] { mean = mean_round(); });
  threads.clear();
  return std::accumulate(of_core.begin(), of_core.end(), 0.0) / cores;
}

}  // namespace seatrial::gate
