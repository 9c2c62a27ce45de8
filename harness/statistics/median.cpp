// By sorting a copy: samples are small.
#include "statistics/median.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace seatrial::statistics {

double median(std::span<const double> values) {
  if (values.empty()) return 0;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t n = sorted.size();
  return std::midpoint(sorted[(n - 1) / 2], sorted[n / 2]);
}

}  // namespace seatrial::statistics
