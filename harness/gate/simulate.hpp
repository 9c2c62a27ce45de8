// Gates without brokers: pairs are drawn from a model of noise, with a known effect, and handed to
// decide() one after the other as a runner would. Counts how they end: the false alarms and the
// power of the rules, under noise that is worse than they assume.
//
//   simulate({.noise = {}, .effect = 0.10, .gates = 20'000, .seed = 1}).fail
//
// Each half of a pair is ln(level) plus noise; sigma is the standard deviation of a pair's effect
// (for what is added by drift and slot: without it). Orders are random, balanced in blocks of two.
//
//   normal          independent
//   heavy_tailed    Student's t with 3 degrees of freedom
//   drifting        normal, and every half is 0.5 % slower than the one before it
//   autocorrelated  AR(1): each half's noise remembers half of the one before it
//   slot_effect     normal, and the second half of each pair is 5 % slower
//   bootstrapped    effects drawn from a sample that was measured, about its centre; sigma is
//   unused
//
// Pure: the same setting has the same answer everywhere (Boost.Random).
#pragma once

#include <cstdint>
#include <vector>

#include "gate/decide.hpp"

namespace seatrial::gate {

enum class Noise { normal, heavy_tailed, drifting, autocorrelated, slot_effect, bootstrapped };

struct NoiseModel {
  Noise kind = Noise::normal;
  double sigma = 0.05;
  std::vector<double> sample;  // bootstrapped: measured ln(candidate/baseline) of equals, not empty
};

struct Simulation {
  NoiseModel noise;
  double effect = 0;  // a ratio: 0.1 is 10 % worse, in the first metric; the others are equal
  int metrics = 1;    // each with noise of its own
  Threshold threshold;
  Rules rules;
  int gates = 1000;
  std::uint64_t seed = 1;
};

struct Ends {
  std::uint64_t gates = 0;
  std::uint64_t pass = 0;
  std::uint64_t fail = 0;
  std::uint64_t inconclusive = 0;
  std::uint64_t invalid = 0;
  double mean_pairs = 0;
  friend bool operator==(const Ends&, const Ends&) = default;
};

[[nodiscard]] Ends simulate(const Simulation& simulation);

}  // namespace seatrial::gate
