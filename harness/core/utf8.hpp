// Text as UTF-8: what is well-formed, and which characters stand in it. Every text that is written
// to a record or a page has to be.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace seatrial {

// Length of the well-formed character that the text begins with; 0 if there is none. Overlong
// forms, surrogates and what lies beyond U+10FFFF are none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

// Where the first byte stands that is no part of a character; nothing if all are.
[[nodiscard]] std::optional<std::size_t> first_not_utf8(std::string_view text);

// "the byte 0xff is not UTF-8", of the byte at that place.
[[nodiscard]] std::string not_utf8(std::string_view text, std::size_t at);

// Where the first control character stands but for ends of lines and tabs, which belong to text.
[[nodiscard]] std::optional<std::size_t> first_control(std::string_view text);

// "the control character \\x1b".
[[nodiscard]] std::string control_text(char control);

// The number of the one well-formed character that the text consists of.
[[nodiscard]] char32_t utf8_character(std::string_view text);

// The text less a byte order mark at its front, which editors of some systems write.
[[nodiscard]] std::string_view without_byte_order_mark(std::string_view text);

}  // namespace seatrial
