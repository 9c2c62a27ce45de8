// The slope of a line through points, some of which may be far off: the median of the slopes of
// all pairs (H. Theil, A rank-invariant method of linear and polynomial regression analysis, 1950),
// with the interval of slopes that Kendall's test of no trend (M. Kendall, A new measure of rank
// correlation, 1938), two-sided, does not reject (P. Sen, Estimates of the regression coefficient
// based on Kendall's tau, 1968). Its null distribution is counted exactly, for y without ties.
// Pairs of equal x are left out. A third of the points may be anywhere without moving it far.
//
// Few points may not reach a confidence; then it is the range of all slopes, and says with what:
//
//   n            3      4      5      6      8     (asked for 95 %)
//   confidence   66.7   91.7   98.3   98.3   96.9  %
//
// O(n^2 log n). No NaN. Pure.
#pragma once

#include <cstddef>
#include <span>

#include "statistics/hodges_lehmann.hpp"

namespace seatrial::statistics {

struct Point {
  double x = 0, y = 0;
};

// Of fewer than two different x: all zeros, a confidence of 0 among them.
[[nodiscard]] Estimate theil_sen(std::span<const Point> points, double confidence = 0.95);

// P(S >= s) of Kendall's S, concordant less discordant pairs, for n points without a trend.
[[nodiscard]] double kendall_at_least(std::size_t n, long s);

}  // namespace seatrial::statistics
