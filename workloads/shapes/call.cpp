// Cutting at the parentheses and commas; arguments are not nested.
#include "workloads/shapes/call.hpp"

#include <algorithm>

#include "core/trimmed.hpp"

namespace seatrial::workloads {

std::optional<ShapeCall> parse_call(std::string_view text) {
  text = trimmed(text);
  const auto paren = text.find('(');
  if (paren == std::string_view::npos || !text.ends_with(')')) return std::nullopt;
  ShapeCall call{.name = trimmed(text.substr(0, paren)), .arguments = {}};
  std::string_view rest = text.substr(paren + 1, text.size() - paren - 2);
  while (true) {
    const auto comma = rest.find(',');
    call.arguments.push_back(trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) return call;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace seatrial::workloads
