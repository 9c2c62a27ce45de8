// The middle of a sample: of an even number, the mean of the two in the middle. Pure; 0 of none.
#pragma once

#include <span>

namespace seatrial::statistics {

[[nodiscard]] double median(std::span<const double> values);

}  // namespace seatrial::statistics
