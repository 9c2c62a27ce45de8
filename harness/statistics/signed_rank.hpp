// The exact signed-rank test (F. Wilcoxon, Individual comparisons by ranking methods, 1945): are
// differences centred above, or below, a bound? It asks only that they are symmetric about their
// centre and independent of each other; no normal distribution, and one outlier is one rank.
//
//   p_above(differences, 0.0) <= 0.01     // centred above 0
//   p_below(differences, 0.1) <= 0.01     // centred below 0.1
//
// W, the sum of the ranks of what is above the bound, has each of the 2^n patterns of signs with
// the same probability if the centre is the bound. Here those are counted, not approximated.
//
//   Ties    (equal as doubles, without their sign) have the mean of their ranks, and the patterns
//           of these ranks are counted: exact given the ties.
//   Zeros   (what equals the bound) say nothing and are left out, as Wilcoxon did: n is what is
//           left of the sample. With nothing left, p is 1.
//
// No NaN. Pure; may be called by many threads. The smallest p that n differences can give is 2^-n.
#pragma once

#include <cstddef>
#include <span>

namespace seatrial::statistics {

// The p-value of "the centre is above the bound", against "at or below it".
[[nodiscard]] double p_above(std::span<const double> values, double bound);
// The same for "below", against "at or above it".
[[nodiscard]] double p_below(std::span<const double> values, double bound);

// P(W <= w) for n differences without ties whose centre is the bound; P(W >= w) is that of
// n(n+1)/2 - w. Exact while 2^n counts fit a double's 53 bits, and to 1e-13 of itself beyond.
[[nodiscard]] double signed_rank_at_most(std::size_t n, std::size_t w);

// How many values of W, from 0 on, the tail of at most this probability holds; 0: not even W = 0.
[[nodiscard]] std::size_t signed_rank_tail(std::size_t n, double probability);

}  // namespace seatrial::statistics
