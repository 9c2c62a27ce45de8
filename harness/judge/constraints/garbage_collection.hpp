// How much of a node's time its collector took: also what it used of the CPU is then the
// collector's.
#pragma once

#include "core/view.hpp"

namespace seatrial::judge {

// A node that stands still for a fifth of the time has too little heap, whatever else it does.
inline constexpr double too_much_collecting = 0.2;

[[nodiscard]] double collecting(const View& node, const View& trial);

}  // namespace seatrial::judge
