// Boost.Random rather than <random>: the standard leaves distributions to each library.
#include "gate/simulate.hpp"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/student_t_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <string>

#include "core/check.hpp"
#include "core/mix.hpp"

namespace seatrial::gate {
namespace {

using Engine = boost::random::mt19937_64;

constexpr double drift_per_half = 0.005;
constexpr double remembered = 0.5;
constexpr double slower_second = 0.05;
constexpr double tail_freedom = 3;

// What is measured of one metric, half after half: how much worse each is than if nothing was.
class Halves {
 public:
  Halves(const NoiseModel& model, std::uint64_t seed) : model_(model), engine_(seed) {
    const double independent = model.sigma / std::sqrt(2.0);
    switch (model.kind) {
      case Noise::heavy_tailed:
        scale_ = independent / std::sqrt(tail_freedom / (tail_freedom - 2));
        break;
      case Noise::autocorrelated:  // of which two neighbours differ by less
        scale_ = independent / std::sqrt(1 - remembered);
        last_ = scale_ * normal_(engine_);
        break;
      default: scale_ = independent; break;
    }
  }

  // Second half less first, each with its build's part.
  double pair(double first_build, double second_build) {
    if (model_.kind == Noise::bootstrapped) return second_build - first_build + drawn();
    const double first = first_build + half(false);
    const double second = second_build + half(true);
    return second - first;
  }

 private:
  double half(bool is_second) {
    ++halves_;
    switch (model_.kind) {
      case Noise::heavy_tailed: return scale_ * student_(engine_);
      case Noise::drifting: return scale_ * normal_(engine_) + halves_ * std::log1p(drift_per_half);
      case Noise::autocorrelated: {
        const double fresh = std::sqrt(1 - remembered * remembered);
        last_ = remembered * last_ + fresh * scale_ * normal_(engine_);
        return last_;
      }
      case Noise::slot_effect:
        return scale_ * normal_(engine_) + (is_second ? std::log1p(slower_second) : 0);
      case Noise::normal:
      case Noise::bootstrapped: break;
    }
    return scale_ * normal_(engine_);
  }

  // Labels of equals may be swapped: so either sign.
  double drawn() {
    boost::random::uniform_int_distribution<std::size_t> pick(0, 2 * model_.sample.size() - 1);
    const std::size_t at = pick(engine_);
    const double value = model_.sample[at / 2];
    return at % 2 == 0 ? value : -value;
  }

  const NoiseModel& model_;
  Engine engine_;
  boost::random::normal_distribution<double> normal_;
  boost::random::student_t_distribution<double> student_{tail_freedom};
  double scale_ = 0;
  double last_ = 0;
  int halves_ = 0;
};

// AB BA or BA AB, at random.
class Orders {
 public:
  explicit Orders(std::uint64_t seed) : engine_(seed) {}
  bool candidate_first(int pair) {
    if (pair % 2 == 0) first_ = uniform_(engine_) < 0.5;
    else first_ = !first_;
    return first_;
  }

 private:
  Engine engine_;
  boost::random::uniform_01<double> uniform_;
  bool first_ = false;
};

struct End {
  Outcome outcome = Outcome::go_on;
  int pairs = 0;
};

End one_gate(const Simulation& simulation, std::uint64_t seed) {
  std::vector<GatedSeries> series;
  std::vector<Halves> halves;
  for (int i = 0; i < simulation.metrics; ++i) {
    series.push_back({.metric = "m" + std::to_string(i), .threshold = simulation.threshold});
    halves.emplace_back(simulation.noise, mix(seed + static_cast<std::uint64_t>(i + 1)));
  }
  Orders orders(mix(seed));
  const double effect = std::log1p(simulation.effect);
  for (int pair = 0;; ++pair) {
    const bool candidate_first = orders.candidate_first(pair);
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double build = i == 0 ? effect : 0;
      const double worse = candidate_first ? -halves[i].pair(build, 0) : halves[i].pair(0, build);
      series[i].pairs.push_back({pair, worse, candidate_first});
    }
    const Decision decision = decide(series, simulation.rules, pair + 1, 0);
    if (decision.outcome != Outcome::go_on) return {decision.outcome, pair + 1};
  }
}

}  // namespace

Ends simulate(const Simulation& simulation) {
  const NoiseModel& noise = simulation.noise;
  check(noise.kind != Noise::bootstrapped || !noise.sample.empty(),
        "noise is drawn from a sample that holds something");
  check(simulation.gates > 0 && simulation.metrics > 0, "a gate with a metric is simulated");
  Ends ends;
  double pairs = 0;
  for (int i = 0; i < simulation.gates; ++i) {
    const std::uint64_t seed =
        mix(simulation.seed + static_cast<std::uint64_t>(i + 1) * golden_gamma);
    const End end = one_gate(simulation, seed);
    pairs += end.pairs;
    ++ends.gates;
    switch (end.outcome) {
      case Outcome::pass: ++ends.pass; break;
      case Outcome::fail: ++ends.fail; break;
      case Outcome::invalid: ++ends.invalid; break;
      case Outcome::inconclusive:
      case Outcome::go_on: ++ends.inconclusive; break;
    }
  }
  ends.mean_pairs = pairs / static_cast<double>(ends.gates);
  return ends;
}

}  // namespace seatrial::gate
