// Several tests at once (S. Holm, A simple sequentially rejective multiple test procedure, 1979):
// p-values such that "adjusted <= alpha" is wrong for any of them with probability alpha at most,
// however the tests depend on each other. Pure.
#pragma once

#include <span>
#include <vector>

namespace seatrial::statistics {

// In the order of the given ones; at most 1.
[[nodiscard]] std::vector<double> holm(std::span<const double> p_values);

}  // namespace seatrial::statistics
