// How likely a gate is to answer, from the noise of a pair: for its plan before anything ran, for
// what a pass may claim, and to end one that gets nowhere. `sigma` is the standard deviation of a
// pair's effect ln(candidate/baseline) under normal noise; 0.05 unless something was measured.
// Effects and deltas are ratios, 0.10 being 10 % worse; `metrics` is how many gate beside each
// other, and the first of Holm's steps, the strictest, is assumed.
//
//   minimum_detectable(24, 0.05, rules, 0.05)   // 0.064: 6.4 % is caught with 90 % power
//
// Not by a formula: of 10,000 samples of normal noise, drawn once for each number of pairs, it is
// known by how much each must be shifted until the exact test rejects, and until the estimate
// reaches delta. So figures are good to half a hundredth of power. Heavier tails than normal
// ones are caught sooner, at the same spread of their middle. What earlier looks would have caught
// is not counted: power is that of one look. Thread-safe; otherwise pure.
#pragma once

#include <vector>

#include "gate/rules.hpp"
#include "statistics/hodges_lehmann.hpp"

namespace seatrial::gate {

inline constexpr double assumed_sigma = 0.05;
inline constexpr double stated_power = 0.9;

// The probability of FAIL at a look after n pairs: the effect is no chance, and the estimate is
// delta or more.
[[nodiscard]] double power(int n, double sigma, double effect, const Rules& rules, double delta = 0,
                           int metrics = 1);

// The probability that an effect of delta_max is ruled out at a look after n pairs.
[[nodiscard]] double power_to_pass(int n, double sigma, double effect, const Rules& rules,
                                   double delta_max);

// The smallest effect that such a look fails with `stated_power`; infinite if n pairs cannot show
// anything at that level.
[[nodiscard]] double minimum_detectable(int n, double sigma, const Rules& rules, double delta = 0,
                                        int metrics = 1);

// The sigma of normal noise that would give an interval as wide as this one, of n pairs. Follows
// the middle of heavy tails, not their ends, as the rank test does.
[[nodiscard]] double sigma_of(const statistics::Estimate& estimate, int n);

// What one metric has shown so far.
struct Interim {
  int pairs = 0;
  double estimate = 0;  // ln
  double sigma = 0;
  Threshold threshold;
};

struct Chances {
  double pass = 0;
  double fail = 0;
};

// Of the last look, if the pairs to come are as those seen: the final estimate is then normal about
// the present one. Counts what is already known, so it is not `power` at the estimate.
[[nodiscard]] Chances chances_at_last_look(const Interim& interim, const Rules& rules, int metrics);

// The looks that fit a budget. If none does, a single one after as many pairs as fit, in whole
// blocks of two, provided that a test of so few can fail one of so many metrics (0: all are counts,
// which two pairs decide); otherwise nothing.
// Void pairs take time as well: leave some. With fewer looks each has a larger share of alpha.
[[nodiscard]] std::vector<int> looks_within(const Rules& rules, double seconds_per_pair,
                                            double budget_s, int metrics = 1);

}  // namespace seatrial::gate
