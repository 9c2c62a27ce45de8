// Compares a text with a file under tests/golden/reports. With SEATRIAL_ACCEPT=1 in the
// environment the file is written instead, new ones included; look at the difference before
// keeping it.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace seatrial::reports::test {

inline std::string golden_path(const std::string& name) {
  return std::string(SEATRIAL_ROOT) + "/tests/golden/reports/" + name;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  INFO("reading " << path);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline nlohmann::json record(const std::string& name) {
  return nlohmann::json::parse(read_file(golden_path(name + ".run.json")));
}

inline void compare_with_golden(const std::string& text, const std::string& name) {
  const char* accept = std::getenv("SEATRIAL_ACCEPT");
  if (accept && std::string(accept) == "1") {
    std::ofstream(golden_path(name), std::ios::binary) << text;
    return;
  }
  INFO("SEATRIAL_ACCEPT=1 in the environment accepts the new text of " << name);
  CHECK(text == read_file(golden_path(name)));
}

}  // namespace seatrial::reports::test
