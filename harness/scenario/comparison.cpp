// The one list of operators.
#include "scenario/comparison.hpp"

#include <algorithm>
#include <array>

namespace seatrial::scenario {
namespace {

// Longer ones first, so that `<=` is not read as `<`.
constexpr std::array<Operator, 6> operators{{{"==", Comparison::equal},
                                             {"!=", Comparison::not_equal},
                                             {"<=", Comparison::less_equal},
                                             {">=", Comparison::greater_equal},
                                             {"<", Comparison::less},
                                             {">", Comparison::greater}}};

}  // namespace

const Operator* leading_operator(std::string_view text) {
  const auto* op = std::find_if(operators.begin(), operators.end(),
                                [&](const Operator& o) { return text.starts_with(o.text); });
  return op == operators.end() ? nullptr : op;
}

bool holds(Comparison comparison, double left, double right) {
  switch (comparison) {
    case Comparison::equal: return left == right;
    case Comparison::not_equal: return left != right;
    case Comparison::less: return left < right;
    case Comparison::less_equal: return left <= right;
    case Comparison::greater: return left > right;
    case Comparison::greater_equal: return left >= right;
  }
  return false;
}

std::string to_string(Comparison comparison) {
  const auto* op = std::find_if(operators.begin(), operators.end(),
                                [&](const Operator& o) { return o.comparison == comparison; });
  return std::string(op->text);
}

}  // namespace seatrial::scenario
