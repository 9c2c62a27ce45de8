// Do two samples have the same mean? B. Welch's t-test (The generalization of "Student's" problem
// when several different population variances are involved, 1947), two-sided. Pure.
#pragma once

#include <span>

namespace seatrial::statistics {

struct MeanDifference {
  double value = 0;  // of the second's mean from the first's
  double p = 1;      // that equal means would differ so much; 1 if a sample holds fewer than two
};

[[nodiscard]] MeanDifference mean_difference(std::span<const double> first,
                                             std::span<const double> second);

}  // namespace seatrial::statistics
