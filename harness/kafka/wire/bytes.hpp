// Big-endian reading and writing of Kafka's primitive types, over bytes that others sent.
//
// A Cursor that runs out of bytes stays out: every later read gives zero or nothing, and `ok`
// tells. So a decoder reads straight through and asks once, and no length taken from the wire is
// trusted before it is compared with what is left.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace seatrial::kafka::wire {

// The big-endian integer at `at`, of which all bytes must be there.
template <std::signed_integral T>
T load_big_endian(const std::byte* at) {
  std::make_unsigned_t<T> value = 0;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) value = __builtin_bswap64(value);
  }
  return static_cast<T>(value);
}

// And back.
template <std::signed_integral T>
void store_big_endian(std::byte* at, T value) {
  auto bits = static_cast<std::make_unsigned_t<T>>(value);
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2) bits = __builtin_bswap16(bits);
    if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
    if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
  }
  std::memcpy(at, &bits, sizeof bits);
}

class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::int8_t int8() { return integer<std::int8_t>(); }
  std::int16_t int16() { return integer<std::int16_t>(); }
  std::int32_t int32() { return integer<std::int32_t>(); }
  std::int64_t int64() { return integer<std::int64_t>(); }
  bool boolean() { return int8() != 0; }

  std::string string() {  // null reads as empty
    const std::int16_t length = int16();
    return length < 0 ? std::string() : text(static_cast<std::size_t>(length));
  }
  std::string compact_string() {
    const std::uint64_t length = varint();
    return length == 0 ? std::string() : text(length - 1);
  }

  // Number of elements that follow, each of at least `least` bytes; a null array has none.
  std::size_t array(std::size_t least) {
    const std::int32_t count = int32();
    return count < 0 ? 0 : elements(static_cast<std::uint64_t>(count), least);
  }
  std::size_t compact_array(std::size_t least) {
    const std::uint64_t count = varint();
    return count == 0 ? 0 : elements(count - 1, least);
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {  // 32 bits: five bytes at most
      const auto byte = static_cast<std::uint8_t>(int8());
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return ok_ ? value : 0;
    }
    fail();
    return 0;
  }
  void skip_tags() {
    const std::uint64_t count = varint();
    for (std::uint64_t i = 0; i < count && ok_; ++i) {
      varint();
      skip(varint());
    }
  }
  // Views of what stays where it is.
  std::string_view string_in_place() {
    const std::int16_t length = int16();
    const auto view = bytes(length < 0 ? 0 : static_cast<std::uint64_t>(length));
    return {reinterpret_cast<const char*>(view.data()), view.size()};
  }
  std::span<const std::byte> bytes(std::uint64_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const auto view = rest_.first(count);
    rest_ = rest_.subspan(count);
    return view;
  }
  void skip(std::uint64_t count) {
    if (count > rest_.size()) return fail();
    rest_ = rest_.subspan(count);
  }

 private:
  template <std::signed_integral T>
  T integer() {
    if (rest_.size() < sizeof(T)) {
      fail();
      return 0;
    }
    const T value = load_big_endian<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  std::string text(std::uint64_t length) {
    if (length > rest_.size()) {
      fail();
      return {};
    }
    std::string out(reinterpret_cast<const char*>(rest_.data()), length);
    rest_ = rest_.subspan(length);
    return out;
  }
  std::size_t elements(std::uint64_t count, std::size_t least) {
    if (count > rest_.size() / least) {
      fail();
      return 0;
    }
    return count;
  }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::span<const std::byte> rest_;
  bool ok_ = true;
};

class Writer {
 public:
  Writer& int8(std::int8_t value) { return integer(value); }
  Writer& int16(std::int16_t value) { return integer(value); }
  Writer& int32(std::int32_t value) { return integer(value); }
  Writer& int64(std::int64_t value) { return integer(value); }
  Writer& string(std::string_view value) {
    int16(static_cast<std::int16_t>(value.size()));
    return raw(value);
  }
  Writer& compact_string(std::string_view value) {
    varint(value.size() + 1);
    return raw(value);
  }
  Writer& varint(std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7U) byte((value & 0x7fU) | 0x80U);
    return byte(value);
  }
  Writer& no_tags() { return varint(0); }
  Writer& append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  template <std::signed_integral T>
  Writer& integer(T value) {
    const auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = sizeof(T); i > 0; --i) byte(std::uint64_t{bits} >> (8 * (i - 1)));
    return *this;
  }
  Writer& raw(std::string_view text) { return append(std::as_bytes(std::span(text))); }
  Writer& byte(std::uint64_t value) {
    bytes_.push_back(static_cast<std::byte>(value & 0xffU));
    return *this;
  }

  std::vector<std::byte> bytes_;
};

}  // namespace seatrial::kafka::wire
