// Records of runs, kept under tests/golden/reports, and how they render.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reports/console.hpp"
#include "reports/page/page.hpp"
#include "support/golden.hpp"

namespace seatrial::reports::test {

inline nlohmann::json record(const std::string& name) {
  const auto path = seatrial::test::golden_path("reports/" + name + ".run.json");
  return nlohmann::json::parse(seatrial::test::read_whole(path));
}

inline std::string render_page(const nlohmann::json& record) {
  return reports::render_page(View(record));
}
inline std::string render_console(const nlohmann::json& record, const ConsoleStyle& style) {
  return reports::render_console(View(record), style);
}

}  // namespace seatrial::reports::test
