// What fuzz targets say of their readers beside "does not crash": a property that does not hold
// throws out of the target, which libFuzzer counts as a crash and keeps the input of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/check.hpp"
#include "core/utf8.hpp"

namespace seatrial::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

// What is printed to terminals and written to pages: whole characters, and none that steers.
inline void require_printable(std::string_view text) {
  check(!first_not_utf8(text), "what is told is UTF-8: " + std::string(text));
  check(!first_control(text), "what is told has no control characters: " + std::string(text));
}

}  // namespace seatrial::fuzz
