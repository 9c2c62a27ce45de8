// Reading numbers that have to be whole, or within bounds: the one reader there is beside
// units.hpp's, whose text is all number or an Error. Nothing here stops at the first letter.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace seatrial {

// Both bounds included.
Result<std::int64_t> parse_integer(std::string_view text, std::int64_t least, std::int64_t most);
Result<std::uint64_t> parse_unsigned(std::string_view text);     // 0 to 2^64 - 1, no sign
Result<std::uint64_t> parse_hexadecimal(std::string_view text);  // without 0x

// A number of what a client says of its own settings: that there is one is an invariant.
double number_in(const std::map<std::string, std::string>& settings, const std::string& name);

}  // namespace seatrial
