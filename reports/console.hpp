// The run on a terminal: one table over the variants, expectations, faults with their evidence,
// what explains the outcome, and the verdict last. 100 columns; nothing here asks the environment
// anything.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace seatrial::reports {

struct ConsoleStyle {
  bool colour = false;      // the caller knows about terminals and NO_COLOR
  std::string report_path;  // of the page; printed with the verdict unless empty
};

std::string render_console(const nlohmann::json& record, const ConsoleStyle& style);

}  // namespace seatrial::reports
