// What a gate is asked: how much worse is too much, how many pairs of measurements there may be,
// and how often the answer may be wrong. Values only.
#pragma once

#include <vector>

namespace seatrial::gate {

// As ratios: 0.05 is 5 %. A change for the worse of `delta` or more is a regression once it is no
// chance; one of `delta_max` or more must be ruled out before a metric passes. 0 <= delta,
// delta < delta_max (exact counts have no use for delta_max).
struct Threshold {
  double delta = 0.05;
  double delta_max = 0.10;
};

struct Rules {
  // After so many valid pairs the gate may decide; rising, and best even: orders are balanced in
  // blocks of two. Each look may be wrong with probability alpha / looks, so all with alpha.
  std::vector<int> looks{10, 16, 24};
  double alpha = 0.01;
  // With a larger share of void pairs a look is passed over; so many of them that the last one
  // would be, too, make the comparison invalid.
  double max_void = 0.25;
  // Ends without an answer when the last look would give one with a lower probability than this.
  double futility_power = 0.5;
};

// The level of each look.
[[nodiscard]] inline double look_alpha(const Rules& rules) {
  return rules.alpha / static_cast<double>(rules.looks.size());
}

}  // namespace seatrial::gate
