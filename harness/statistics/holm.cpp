// Step down: the smallest of m times m, the next times m - 1, and none below the one before.
#include "statistics/holm.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace seatrial::statistics {

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> by_size(p_values.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::ranges::stable_sort(by_size, {}, [&](std::size_t i) { return p_values[i]; });
  std::vector<double> adjusted(p_values.size());
  double least = 0;
  for (std::size_t step = 0; step < by_size.size(); ++step) {
    const auto left = static_cast<double>(by_size.size() - step);
    least = std::min(std::max(least, left * p_values[by_size[step]]), 1.0);
    adjusted[by_size[step]] = least;
  }
  return adjusted;
}

}  // namespace seatrial::statistics
