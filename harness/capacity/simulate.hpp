// Searches without brokers: over a queue whose knee is known, with noise, so that it can be counted
// how often the interval holds the truth, and how long searches take.
//
// The cluster is one server with exponential service and Poisson arrivals (M/M/1): the time that a
// message spends in it is exponential with rate mu - lambda, so its 99th percentile is
// ln(100) / (mu - lambda), and the target is broken beyond the knee mu - ln(100) / target. What a
// trial measures is that percentile times exp(noise * z), z normal: independent of how long it is.
//
// Pure: the same setting has the same answer everywhere (Boost.Random).
#pragma once

#include <cstdint>

namespace seatrial::capacity {

struct Simulation {
  double noise = 0.1;       // of ln of what a trial measures
  double invalid = 0.02;    // share of trials that say nothing
  double generator_at = 0;  // share of mu beyond which the generator ends; 0: nowhere
  int searches = 1000;
  std::uint64_t seed = 1;
};

struct Found {
  int searches = 0;
  int intervals = 0;    // with both bounds
  int inside = 0;       // the knee lies in the interval, or above a least
  int at_least = 0;     // ended by the generator
  int unbounded = 0;    // took more trials than most_trials says
  int most_trials = 0;  // that any took
  double mean_trials = 0;
  double median_width = 0;  // upper/lower - 1, of intervals
};

// Capacities, utilisations at the knee (50 to 98 %) and starts are drawn: from 10^3 to 10^6 /s.
[[nodiscard]] Found simulate(const Simulation& simulation);

}  // namespace seatrial::capacity
