// A comparison of runs (compare/compare.hpp) for a terminal, and as a page of its own. Without a
// verdict, and both say so.
#pragma once

#include <string>

#include "core/view.hpp"
#include "reports/console.hpp"

namespace seatrial::reports {

[[nodiscard]] std::string compare_text(const View& comparison, const ConsoleStyle& style);
// An entry of `change`: +3.1 % (-0.4 to +6.0 %)
[[nodiscard]] std::string compare_change(const View& change);
[[nodiscard]] std::string compare_page(const View& comparison);

}  // namespace seatrial::reports
