// CRC32C (Castagnoli), the checksum of Kafka's record batches and of a message's identity. Uses the
// processor's instruction where there is one (SSE4.2, ARMv8), chosen once at run time, else tables.
// Incremental: crc32c(b, crc32c(a)) is the checksum of a followed by b. Pure, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace seatrial {

// `before`: the checksum of what precedes `data`; 0 for the beginning.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t before = 0);

// The table version alone, for machines without the instruction, and to test one against the other.
[[nodiscard]] std::uint32_t crc32c_portable(std::span<const std::byte> data,
                                            std::uint32_t before = 0);

// Whether crc32c() uses the processor's instruction here.
[[nodiscard]] bool crc32c_in_hardware();

}  // namespace seatrial
