// Zipf by rejection from the integral of the weights (Hörmann and Derflinger 1996): constant memory
// and time for any number of keys, where a table of cumulated weights would need both.
#include "workloads/shapes/keys.hpp"

#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <algorithm>
#include <cmath>
#include <string>

#include "core/units.hpp"
#include "workloads/shapes/call.hpp"

namespace seatrial::workloads {
namespace {

Error unreadable(std::string_view text) {
  return Error{"'" + std::string(text) + "' is none of none, uniform(N), zipf(N, S)", ""};
}

}  // namespace

Result<KeyShape> KeyShape::parse(std::string_view text) {
  KeyShape out;
  if (text == "none") return out;
  const auto call = parse_call(text);
  if (!call) return unreadable(text);
  const bool zipf = call->name == "zipf";
  if (call->name != (zipf ? "zipf" : "uniform") || call->arguments.size() != (zipf ? 2U : 1U)) {
    return unreadable(text);
  }
  const auto count = parse_integer(call->arguments[0]);
  if (!count) return count.error();
  if (*count < 1) return Error{"'" + std::string(text) + "': at least one key is needed", ""};
  out.kind_ = zipf ? Kind::zipf : Kind::uniform;
  out.count_ = static_cast<std::uint64_t>(*count);
  if (!zipf) return out;
  const auto exponent = parse_number(call->arguments[1]);
  if (!exponent) return exponent.error();
  if (*exponent <= 0 || *exponent > 10) {
    return Error{"'" + std::string(text) + "': the exponent lies above 0 and at most at 10", ""};
  }
  out.exponent_ = *exponent;
  out.area_least_ = out.area(1.5) - 1.0;
  out.area_most_ = out.area(static_cast<double>(out.count_) + 0.5);
  return out;
}

std::uint64_t KeyShape::next(RandomEngine& random) const {
  if (kind_ == Kind::zipf) return zipf(random);
  return boost::random::uniform_int_distribution<std::uint64_t>(0, count_ - 1)(random);
}

// The weight of k is x^-S at x = k. Each k >= 2 owns the area under the curve from k - 1/2 to k +
// 1/2, which is at least its weight since the curve is convex; k = 1 owns exactly its weight, one.
// A point drawn from all of the area is kept if it lies in the part of k's that is its weight.
std::uint64_t KeyShape::zipf(RandomEngine& random) const {
  boost::random::uniform_01<double> unit;
  while (true) {
    const double point = area_least_ + unit(random) * (area_most_ - area_least_);
    const double x = std::round(inverse_area(point));
    const double k = std::clamp(x, 1.0, static_cast<double>(count_));
    if (point >= area(k + 0.5) - std::pow(k, -exponent_)) return static_cast<std::uint64_t>(k) - 1;
  }
}

double KeyShape::area(double x) const {
  const double power = 1.0 - exponent_;
  return std::abs(power) < 1e-9 ? std::log(x) : (std::pow(x, power) - 1.0) / power;
}

double KeyShape::inverse_area(double y) const {
  const double power = 1.0 - exponent_;
  return std::abs(power) < 1e-9 ? std::exp(y) : std::pow(1.0 + y * power, 1.0 / power);
}

}  // namespace seatrial::workloads
