// Implements core/utf8.hpp.
#include "core/utf8.hpp"

namespace seatrial {

std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
  };
  const unsigned a = byte(0);
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a < 0xE0) return tail(1) ? 2 : 0;
  if (a >= 0xE0 && a < 0xF0) {
    if (!tail(1) || !tail(2)) return 0;
    if (a == 0xE0 && byte(1) < 0xA0) return 0;
    return a == 0xED && byte(1) > 0x9F ? 0 : 3;
  }
  if (a >= 0xF0 && a < 0xF5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (a == 0xF0 && byte(1) < 0x90) return 0;
    return a == 0xF4 && byte(1) > 0x8F ? 0 : 4;
  }
  return 0;
}

std::size_t find_not_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

char32_t utf8_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (text.size() == 1) return lead;
  // The lead of n bytes begins with n ones and a zero.
  char32_t character = lead & (0xFFU >> (text.size() + 1));
  for (const char c : text.substr(1)) character = character << 6 | (c & 0x3F);
  return character;
}

}  // namespace seatrial
