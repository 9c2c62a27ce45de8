// Slopes of all pairs, and Kendall's distribution.
#include "statistics/theil_sen.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace seatrial::statistics {
namespace {

double median_of_sorted(const std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Of the orders of n points, the share with d discordant pairs, by d: the product of uniform
// numbers of inversions, 0 to i, that the i-th point adds.
std::vector<double> shares_by_inversions(std::size_t n) {
  std::vector<double> shares{1};
  for (std::size_t i = 1; i < n; ++i) {
    std::vector<double> next(shares.size() + i, 0.0);
    for (std::size_t d = 0; d < shares.size(); ++d) {
      for (std::size_t more = 0; more <= i; ++more)
        next[d + more] += shares[d] / static_cast<double>(i + 1);
    }
    shares = std::move(next);
  }
  return shares;
}

// How many slopes to leave out on either side, with the confidence that this reaches.
struct Cut {
  std::size_t left_out = 0;
  double confidence = 0;
};

Cut cut_of(std::size_t n, double confidence) {
  const auto pairs = static_cast<long>(n * (n - 1) / 2);
  // The interval from the k-th slope to the k-th from the end misses where S is above pairs - 2k.
  const auto reached = [&](long k) { return 1 - 2 * kendall_at_least(n, pairs - 2 * k + 2); };
  // Of 0 slopes left out, the ends themselves count: that is the k = 1 of order statistics.
  Cut out{.left_out = 0, .confidence = std::max(0.0, reached(1))};
  for (long k = 2; 2 * k <= pairs; ++k) {
    const double now = reached(k);
    if (now < confidence) break;
    out = {static_cast<std::size_t>(k - 1), now};
  }
  return out;
}

}  // namespace

double kendall_at_least(std::size_t n, long s) {
  const auto shares = shares_by_inversions(n);
  const long pairs = static_cast<long>(n) * (static_cast<long>(n) - 1) / 2;
  double sum = 0;
  // S = pairs - 2 d.
  for (std::size_t d = 0; d < shares.size(); ++d) {
    if (pairs - 2 * static_cast<long>(d) >= s) sum += shares[d];
  }
  return sum;
}

Estimate theil_sen(std::span<const Point> points, double confidence) {
  std::vector<double> slopes;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      const double run = points[j].x - points[i].x;
      if (run != 0) slopes.push_back((points[j].y - points[i].y) / run);
    }
  }
  if (slopes.empty()) return {};
  std::ranges::sort(slopes);
  const Cut cut = cut_of(points.size(), confidence);
  const std::size_t left_out = std::min(cut.left_out, (slopes.size() - 1) / 2);
  return {.value = median_of_sorted(slopes),
          .low = slopes[left_out],
          .high = slopes[slopes.size() - 1 - left_out],
          .confidence = cut.confidence};
}

}  // namespace seatrial::statistics
