// The same loop on each core; the machine's figure is the slowest core's best round.
#include "gate/calibrate.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include "core/mix.hpp"
#include "core/time.hpp"
#include "measure/histogram.hpp"

namespace seatrial::gate {
namespace {

constexpr auto span = std::chrono::milliseconds(200);
constexpr int recordings = 20'000;

// The best round is the one that nobody disturbed.
double best_round() {
  double best = std::numeric_limits<double>::infinity();
  auto histogram = measure::Histogram::latency();
  std::uint64_t rounds = 0;
  const Instant until = now() + span;
  do {
    const Instant from = now();
    for (int i = 0; i < recordings; ++i) {
      const auto value = mix(static_cast<std::uint64_t>(i) + golden_gamma) & 0xff'ffff;
      histogram.record(static_cast<std::int64_t>(value));
    }
    const auto took = static_cast<double>((now() - from).count());
    best = std::min(best, took / recordings);
    ++rounds;
  } while (now() < until);
  // Whoever reads the counters keeps the compiler from leaving the work out.
  return histogram.count() == rounds * recordings ? best : 0;
}

}  // namespace

double calibration_ns() {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<double> of_core(cores);
  std::vector<std::jthread> threads;
  for (double& best : of_core) threads.emplace_back([&best] { best = best_round(); });
  threads.clear();
  return *std::ranges::max_element(of_core);
}

}  // namespace seatrial::gate
