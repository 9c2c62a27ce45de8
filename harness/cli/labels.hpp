// What `run --label KEY=VALUE` says of a run: the commit, the branch, whatever its reader sorts by.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace seatrial::cli {

// Keys go by the one rule for names (core/names.hpp) and are given once; values are any text on one
// line, empty ones too. Throws UsageError with every mistake.
[[nodiscard]] std::map<std::string, std::string> parse_labels(
    const std::vector<std::string>& given);

}  // namespace seatrial::cli
