// A message's identity, the first 28 bytes of its value (little-endian):
//
//   offset  0  u32  magic "SEAT"
//           4  u32  trial tag: random per trial, so that another trial's message is a phantom
//           8  u64  stream (24 bits, high) and sequence (40 bits, low)
//          16  i64  intended time, CLOCK_MONOTONIC nanoseconds
//          24  u32  CRC32C of everything else: bytes 0-23 and 28-end
//          28       filler
//
// Pure functions over bytes; no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/crc32c.hpp"
#include "core/ids.hpp"

namespace seatrial::ledger {

inline constexpr std::size_t identity_bytes = 28;
inline constexpr std::uint64_t max_seq = (std::uint64_t{1} << 40) - 1;
inline constexpr std::uint32_t max_stream = (std::uint32_t{1} << 24) - 1;

struct Identity {
  std::uint32_t trial_tag = 0;
  StreamId stream;
  Seq seq;
  std::int64_t intended_ns = 0;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// Writes identity and CRC into `value`, whose filler is already there. Requires size >=
// identity_bytes.
void stamp(std::span<std::byte> value, const Identity& identity);

// Stamps many messages of one stream and one size that were stamped before, for the same trial:
// only stream, sequence, intended time and the checksum change, and the filler's part of the
// checksum is known. Value i begins at base + at[i] and gets sequence first + i.
struct Restamping {
  std::byte* base = nullptr;
  std::span<const std::uint32_t> at;
  std::span<const std::uint32_t> filler_sums;  // filler_sum of each
  const Crc32cJoin& join;                      // for as many bytes as a filler has
  StreamId stream;
  Seq first;
  std::span<const std::int64_t> intended_ns;
};
void restamp(const Restamping& run);
[[nodiscard]] std::uint32_t filler_sum(std::span<const std::byte> value);

enum class Reading { good, corrupt };  // corrupt: too short, wrong magic, or CRC differs
// Reads and verifies. `identity` is filled as far as it could be read even when corrupt.
[[nodiscard]] Reading read(std::span<const std::byte> value, Identity& identity);

// Of a corrupt message: would its CRC hold with this tag, stream and sequence (and the right magic)
// in place? Then the damage sat in those bytes, and this is the message that was sent.
[[nodiscard]] bool explains(std::span<const std::byte> value, const Identity& identity);

}  // namespace seatrial::ledger
