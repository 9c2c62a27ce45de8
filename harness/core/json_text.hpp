// JSON as text for pages, files and terminals: bytes that are no UTF-8 are replaced, and the one
// control character that JSON lets through is escaped too.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace seatrial {

// `indent`: spaces a level; -1: all on one line.
[[nodiscard]] std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace seatrial
