// Differences in order, and how many of them the rank-sum distribution leaves out at either end.
#include "statistics/shift.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

namespace seatrial::statistics {
namespace {

constexpr std::size_t exact_up_to = 50;

// P(U = u) for u from 0: of all ways to interleave n and m, those with u pairs in the wrong order.
std::vector<double> distribution(std::size_t n, std::size_t m) {
  // By the generating function: the Gaussian binomial coefficient of n + m over n.
  std::vector<double> counts(n * m + 1, 0.0);
  counts[0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t u = counts.size(); u-- > m + i;) counts[u] -= counts[u - m - i];
    for (std::size_t u = i; u < counts.size(); ++u) counts[u] += counts[u - i];
  }
  double all = 0;
  for (const double count : counts) all += count;
  for (double& count : counts) count /= all;
  return counts;
}

struct Cut {
  std::size_t left_out = 0;  // differences, at either end
  double confidence = 0;
};

Cut exact_cut(std::size_t n, std::size_t m, double tail) {
  const auto chance = distribution(n, m);
  double below = 0;
  std::size_t out = 0;
  while (out < chance.size() && below + chance[out] <= tail) below += chance[out++];
  return {out == 0 ? 0 : out - 1, out == 0 ? 1 - 2 * chance[0] : 1 - 2 * below};
}

Cut normal_cut(std::size_t n, std::size_t m, double tail) {
  const auto a = static_cast<double>(n), b = static_cast<double>(m);
  const double spread = std::sqrt(a * b * (a + b + 1) / 12);
  const double z = boost::math::quantile(boost::math::normal(), tail);
  const double u = std::floor(a * b / 2 + z * spread - 0.5);
  return {u < 1 ? 0 : static_cast<std::size_t>(u), 1 - 2 * tail};
}

}  // namespace

Estimate shift(std::span<const double> x, std::span<const double> y, double confidence) {
  if (x.empty() || y.empty()) return {};
  std::vector<double> differences;
  differences.reserve(x.size() * y.size());
  for (const double a : x)
    for (const double b : y) differences.push_back(b - a);
  std::ranges::sort(differences);
  const std::size_t all = differences.size();
  const double tail = (1 - confidence) / 2;
  const bool exact = x.size() <= exact_up_to && y.size() <= exact_up_to;
  const Cut cut =
      exact ? exact_cut(x.size(), y.size(), tail) : normal_cut(x.size(), y.size(), tail);
  const double middle = (differences[(all - 1) / 2] + differences[all / 2]) / 2;
  return {.value = middle,
          .low = differences[cut.left_out],
          .high = differences[all - 1 - cut.left_out],
          .confidence = std::max(0.0, cut.confidence)};
}

}  // namespace seatrial::statistics
