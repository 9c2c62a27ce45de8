// Quantities with units, as people write them: 5s, 700ms, 1h30m is not accepted; 256B, 4KiB, 1GB;
// 5000/s, 10/min, max. Decimal integers or decimals; no unit is an error (save 0). Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial {

// Messages per span of time, exact: `messages / per`. `unlimited`: the closed loop, written `max`;
// its per_second is infinite.
struct Rate {
  std::uint64_t messages = 0;
  nanoseconds per{1'000'000'000};
  bool unlimited = false;
  [[nodiscard]] double per_second() const;
  friend bool operator==(const Rate&, const Rate&) = default;
};

Result<nanoseconds> parse_duration(std::string_view text);  // ns us ms s m h d; never negative
Result<std::uint64_t> parse_size(std::string_view text);    // B kB MB GB TB (10^3), KiB ... (2^10)
Result<Rate> parse_rate(std::string_view text);             // N/s /ms /min /h, also Nk and NM; max
Result<std::int64_t> parse_integer(std::string_view text);  // decimal, optional sign
Result<double> parse_number(std::string_view text);         // decimal, no hex, inf or nan
Result<bool> parse_boolean(std::string_view text);          // true false only

// At most three significant digits, in the largest unit that fits: 1.62 s, 121 us, 5 s.
std::string format_duration(nanoseconds d);
std::string format_bytes(std::uint64_t bytes);  // 1.2 MiB
std::string format_count(std::uint64_t n);      // 12,345
std::string format_rate(const Rate& rate);      // 5000/s

}  // namespace seatrial
