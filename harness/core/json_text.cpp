// The library's text, less what would steer a terminal.
#include "core/json_text.hpp"

#include <nlohmann/json.hpp>

namespace seatrial {

std::string json_text(const nlohmann::json& value, int indent) {
  constexpr char del = '\x7f';
  std::string text = value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.find(del) == text.npos) return text;
  std::string out;
  for (const char c : text) {
    if (c == del) out += "\\u007f";
    else out += c;
  }
  return out;
}

}  // namespace seatrial
