// By how much one sample lies above another (J. Hodges and E. Lehmann, 1963): the median of all
// differences y_j - x_i, with the interval of shifts that the rank-sum test (H. Mann and D.
// Whitney, 1947), two-sided, does not reject. Exact for samples without ties, conservative with
// them; for samples of more than 50 by the normal approximation. O(n m log(n m)). No NaN. Pure.
#pragma once

#include <span>

#include "statistics/hodges_lehmann.hpp"

namespace seatrial::statistics {

// Of nothing on either side: all zeros. Samples too small for the confidence have all differences
// between their ends, and say what confidence that reaches.
[[nodiscard]] Estimate shift(std::span<const double> x, std::span<const double> y,
                             double confidence = 0.95);

}  // namespace seatrial::statistics
