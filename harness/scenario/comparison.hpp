// Operators by which expectations and triggers compare.
#pragma once

#include <string>
#include <string_view>

namespace seatrial::scenario {

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };

struct Operator {
  std::string_view text;
  Comparison comparison;
};
// That with which the text begins; null: it begins with none.
[[nodiscard]] const Operator* leading_operator(std::string_view text);

[[nodiscard]] bool holds(Comparison comparison, double left, double right);
std::string to_string(Comparison comparison);  // "<="

}  // namespace seatrial::scenario
