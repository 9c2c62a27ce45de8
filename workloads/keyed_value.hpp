// What the value of a keyed message says besides its identity: 16 bytes right after it
// (ledger/identity.hpp), little-endian, and under its CRC:
//
//   offset 28  u64  key
//          36  u64  version of that key, ascending from 1
//
// A tombstone has no value, and so neither identity nor version. Pure functions over bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ledger/identity.hpp"

namespace seatrial::workloads {

inline constexpr std::size_t key_and_version_bytes = 16;

struct KeyAndVersion {
  std::uint64_t key = 0;
  std::uint64_t version = 0;
};

// The identity has to be stamped afterwards. Both require room for identity, key and version.
void write_key(std::span<std::byte> value, const KeyAndVersion& what);
[[nodiscard]] KeyAndVersion read_key(std::span<const std::byte> value);

}  // namespace seatrial::workloads
