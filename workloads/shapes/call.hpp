// `name(argument, argument)`, as shapes are written in a scenario. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace seatrial::workloads {

struct ShapeCall {
  std::string_view name;
  std::vector<std::string_view> arguments;  // views into the text
};

// Nothing if the text is not of that form.
std::optional<ShapeCall> parse_call(std::string_view text);

}  // namespace seatrial::workloads
