// Which input message an output message of a transform was made of: 24 bytes right after the
// identity (ledger/identity.hpp), little-endian, and under its CRC:
//
//   offset 28  u32  magic "XFRM"
//          32  i32  partition of the input
//          36  i64  offset in the input
//          44  u64  the input message's stream (24 bits, high) and sequence; all ones: it had none
//
// Pure functions over bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/ids.hpp"
#include "ledger/identity.hpp"

namespace seatrial::workloads {

inline constexpr std::size_t reference_bytes = 24;

struct TransformReference {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t message = UINT64_MAX;  // stream and sequence of the input, packed
  friend bool operator==(const TransformReference&, const TransformReference&) = default;
};

// Writes it; the identity has to be stamped afterwards. Requires room for both.
void write_reference(std::span<std::byte> value, const TransformReference& reference);
// Nothing if the value is too short or carries another magic.
[[nodiscard]] std::optional<TransformReference> read_reference(std::span<const std::byte> value);
[[nodiscard]] constexpr std::uint64_t pack_message(StreamId stream, Seq seq) {
  return std::uint64_t{stream.value} << 40U | seq.value;
}

}  // namespace seatrial::workloads
