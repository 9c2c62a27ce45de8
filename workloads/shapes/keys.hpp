// Which keys messages carry: `none`, `uniform(N)` or `zipf(N, S)`: N different keys, by rank from
// 0, rank k drawn with a weight of 1 / (k + 1)^S. Seeded by the caller's engine. A key's bytes are
// its rank in decimal.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

class KeyShape {
 public:
  static Result<KeyShape> parse(std::string_view text);

  [[nodiscard]] bool none() const { return kind_ == Kind::none; }
  // The next key's rank. Requires !none().
  std::uint64_t next(RandomEngine& random) const;

 private:
  enum class Kind { none, uniform, zipf };
  std::uint64_t zipf(RandomEngine& random) const;
  [[nodiscard]] double area(double x) const;         // integral of the weight from 1 to x
  [[nodiscard]] double inverse_area(double y) const;

  Kind kind_ = Kind::none;
  std::uint64_t count_ = 0;
  double exponent_ = 0;
  double area_least_ = 0, area_most_ = 0;  // of zipf, see keys.cpp
};

}  // namespace seatrial::workloads
