// Bounds of what is not known reach to infinity.
#include "core/metric.hpp"

#include <limits>
#include <utility>

#include "core/check.hpp"

namespace seatrial {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

Measured Measured::between(double least, double most, std::string why) {
  check(least <= most && !why.empty(), "what is not known exactly has a reason and two ends");
  return {least, most, std::move(why)};
}

Measured Measured::at_least(double least, std::string why) {
  return between(least, infinity, std::move(why));
}

Measured Measured::nothing(std::string why) { return between(-infinity, infinity, std::move(why)); }

bool Measured::bounded() const { return least != -infinity || most != infinity; }

}  // namespace seatrial
