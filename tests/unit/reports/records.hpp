// Records of runs, kept under tests/golden/reports.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "support/golden.hpp"

namespace seatrial::reports::test {

inline nlohmann::json record(const std::string& name) {
  const auto path = seatrial::test::golden_path("reports/" + name + ".run.json");
  return nlohmann::json::parse(seatrial::test::read_whole(path));
}

}  // namespace seatrial::reports::test
