// Whether bytes are UTF-8, which every text that is written to a record or a page has to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace seatrial {

// Where the first byte stands that is no part of a character in UTF-8 (overlong forms, surrogates
// and what lies beyond U+10FFFF are none); nothing if all are.
[[nodiscard]] std::optional<std::size_t> first_not_utf8(std::string_view text);

// "the byte 0xff is not UTF-8", of the byte at that place.
[[nodiscard]] std::string not_utf8(std::string_view text, std::size_t at);

// The text less a byte order mark at its front, which editors of some systems write.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);

}  // namespace seatrial
