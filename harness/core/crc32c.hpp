// CRC32C (Castagnoli), the checksum of Kafka's record batches and of a message's identity. Uses the
// processor's instruction where there is one (SSE4.2, ARMv8), chosen once at run time, else tables.
// Incremental: crc32c(b, crc32c(a)) is the checksum of a followed by b. Pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace seatrial {

// `before`: the checksum of what precedes `data`; 0 for the beginning.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t before = 0);

// The table version alone, for machines without the instruction, and to test one against the other.
[[nodiscard]] std::uint32_t crc32c_portable(std::span<const std::byte> data,
                                            std::uint32_t before = 0);

// Checksums of many pieces at once: out[i] is that of the `size` bytes from base + at[i]. Short
// pieces cost a third of one call each, since the processor works on several.
void crc32c_each(const std::byte* base, std::span<const std::uint32_t> at, std::size_t size,
                 std::uint32_t* out);

// The checksum of a followed by b from the checksums of both. Costs some hundred steps, whatever
// the length of b.
[[nodiscard]] std::uint32_t crc32c_joined(std::uint32_t of_a, std::uint32_t of_b,
                                          std::size_t bytes_of_b);

// The same in four steps, where b always has the same length: what changes in front of a long
// constant tail need not be summed together with it.
class Crc32cJoin {
 public:
  explicit Crc32cJoin(std::size_t bytes_of_b);
  [[nodiscard]] std::uint32_t operator()(std::uint32_t of_a, std::uint32_t of_b) const {
    return table_[0][of_a & 0xff] ^ table_[1][(of_a >> 8) & 0xff] ^ table_[2][(of_a >> 16) & 0xff] ^
           table_[3][of_a >> 24] ^ of_b;
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 4> table_{};
};

// Whether crc32c() uses the processor's instruction here.
[[nodiscard]] bool crc32c_in_hardware();

}  // namespace seatrial
