// Compares a text with a file under tests/golden. With SEATRIAL_ACCEPT=1 in the environment the
// file is written instead, new ones included; look at the difference before keeping it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace seatrial::test {

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  INFO("reading " << path.string());
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// `name`: below tests/golden.
inline std::filesystem::path golden_path(const std::string& name) {
  return std::filesystem::path(SEATRIAL_ROOT) / "tests/golden" / name;
}

inline void compare_with_golden(const std::string& text, const std::string& name) {
  if (std::getenv("SEATRIAL_ACCEPT") != nullptr) {
    std::ofstream(golden_path(name), std::ios::binary) << text;
    return;
  }
  INFO("SEATRIAL_ACCEPT=1 in the environment accepts the new text of " << name);
  CHECK(text == read_whole(golden_path(name)));
}

}  // namespace seatrial::test
