// Text as UTF-8: what is well-formed, and which characters stand in it.
#pragma once

#include <cstddef>
#include <string_view>

namespace seatrial {

// Length of the well-formed character that the text begins with; 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// Where the text stops to be well-formed; npos if it does not.
[[nodiscard]] std::size_t find_not_utf8(std::string_view text);

// The number of the one well-formed character that the text consists of.
[[nodiscard]] char32_t utf8_character(std::string_view text);

}  // namespace seatrial
