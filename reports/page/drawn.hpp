// Which trials a page draws in full. A few it draws all; of many it draws one of each variant, and
// of many variants some: the others are small multiples, and pages of their own (`report --trial`).
#pragma once

#include <cstddef>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports::page {

inline constexpr std::size_t few = 8;            // trials: all are drawn
inline constexpr std::size_t most_variants = 4;  // drawn of more trials than that

// Their places among the record's trials, ascending.
std::vector<std::size_t> drawn_trials(const View& record);

}  // namespace seatrial::reports::page
