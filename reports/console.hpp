// The run on a terminal: one table over the variants, expectations, faults with their evidence,
// what explains the outcome, and the verdict last. Nothing here asks the environment anything.
#pragma once

#include <cstddef>
#include <string>

#include "core/view.hpp"

namespace seatrial::reports {

struct ConsoleStyle {
  bool colour = false;      // the caller knows about terminals and NO_COLOR
  std::size_t width = 100;  // columns; a table needs about 60
};

std::string render_console(const View& record, const ConsoleStyle& style);

}  // namespace seatrial::reports
