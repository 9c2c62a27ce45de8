// memcpy in host order: every machine that this runs on is little-endian.
#include "workloads/keyed_value.hpp"

#include <bit>
#include <cstring>

#include "core/check.hpp"

namespace seatrial::workloads {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t at = ledger::identity_bytes;

void check_room(std::size_t size) {
  check(size >= at + key_and_version_bytes, "a keyed value has room for its key and version");
}

}  // namespace

void write_key(std::span<std::byte> value, const KeyAndVersion& what) {
  check_room(value.size());
  std::memcpy(&value[at], &what.key, 8);
  std::memcpy(&value[at + 8], &what.version, 8);
}

KeyAndVersion read_key(std::span<const std::byte> value) {
  check_room(value.size());
  KeyAndVersion out;
  std::memcpy(&out.key, &value[at], 8);
  std::memcpy(&out.version, &value[at + 8], 8);
  return out;
}

}  // namespace seatrial::workloads
