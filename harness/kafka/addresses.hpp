// The addresses of a list, as bootstrap.servers is one: HOST:PORT,HOST:PORT. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace seatrial::kafka {

// In their order; what stands empty between two commas is none.
[[nodiscard]] inline std::vector<std::string> addresses_in(std::string_view bootstrap) {
  std::vector<std::string> out;
  while (!bootstrap.empty()) {
    const auto comma = std::min(bootstrap.find(','), bootstrap.size());
    if (comma > 0) out.emplace_back(bootstrap.substr(0, comma));
    bootstrap.remove_prefix(std::min(comma + 1, bootstrap.size()));
  }
  return out;
}

}  // namespace seatrial::kafka
