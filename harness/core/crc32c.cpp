// Both versions work on the complemented register, eight bytes a step. Long inputs take the
// instruction in three independent chains: it has a latency of three cycles and a throughput of
// one, so a single chain would leave two thirds of it idle. The chains' results are joined by
// multiplying with x^(8*n).
#include "core/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define SEATRIAL_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define SEATRIAL_CRC_TARGET __attribute__((target("+crc")))
#endif

namespace seatrial {
namespace {

constexpr std::uint32_t polynomial = 0x82f63b78;  // reflected

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// table[k][b]: the register after byte b and k zero bytes.
constexpr Table make_table() {
  Table table{};
  for (std::uint32_t b = 0; b < 256; ++b) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
    table[0][b] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      const std::uint32_t before = table[k - 1][b];
      table[k][b] = (before >> 8) ^ table[0][before & 0xff];
    }
  }
  return table;
}
constexpr Table table = make_table();

std::uint64_t load(const std::byte* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint32_t by_table(const std::byte* at, std::size_t size, std::uint32_t crc) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; size >= 8; at += 8, size -= 8) {
      const std::uint64_t w = load(at) ^ crc;
      crc = table[7][w & 0xff] ^ table[6][(w >> 8) & 0xff] ^ table[5][(w >> 16) & 0xff] ^
            table[4][(w >> 24) & 0xff] ^ table[3][(w >> 32) & 0xff] ^ table[2][(w >> 40) & 0xff] ^
            table[1][(w >> 48) & 0xff] ^ table[0][w >> 56];
    }
  }
  for (; size > 0; ++at, --size) {
    crc = (crc >> 8) ^ table[0][(crc ^ static_cast<std::uint32_t>(*at)) & 0xff];
  }
  return crc;
}

// Registers are polynomials of which the highest bit is the coefficient of x^0; appending a zero
// byte multiplies with x^8.
constexpr std::uint32_t times(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = std::uint32_t{1} << 31; bit != 0; bit >>= 1) {
    if ((a & bit) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1) != 0 ? polynomial : 0);
  }
  return product;
}
// x^(8 * bytes), by squaring.
constexpr std::uint32_t zero_bytes(std::size_t bytes) {
  std::uint32_t out = std::uint32_t{1} << 31;
  for (std::uint32_t power = std::uint32_t{1} << 23; bytes != 0; bytes >>= 1) {
    if ((bytes & 1) != 0) out = times(out, power);
    power = times(power, power);
  }
  return out;
}

// shift[k][b]: byte b at place k of the register, after `bytes` zero bytes.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr Shift make_shift(std::size_t bytes) {
  std::array<std::uint32_t, 32> of_bit{};
  const std::uint32_t factor = zero_bytes(bytes);
  for (std::size_t bit = 0; bit < 32; ++bit) of_bit[bit] = times(factor, std::uint32_t{1} << bit);
  Shift out{};
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t b = 0; b < 256; ++b) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        if (((b >> bit) & 1) != 0) out[k][b] ^= of_bit[8 * k + bit];
      }
    }
  }
  return out;
}

#ifdef SEATRIAL_CRC_TARGET

#if defined(__x86_64__)
SEATRIAL_CRC_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(crc, word));
}
SEATRIAL_CRC_TARGET inline std::uint32_t step1(std::uint32_t crc, std::byte b) {
  return _mm_crc32_u8(crc, static_cast<unsigned char>(b));
}
bool instruction_present() { return __builtin_cpu_supports("sse4.2"); }
#else
SEATRIAL_CRC_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) {
  return __crc32cd(crc, word);
}
SEATRIAL_CRC_TARGET inline std::uint32_t step1(std::uint32_t crc, std::byte b) {
  return __crc32cb(crc, static_cast<unsigned char>(b));
}
bool instruction_present() { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#endif

constexpr std::size_t lane_bytes = 256;  // of each chain; three chains make a stride

constexpr Shift shift = make_shift(lane_bytes);

std::uint32_t past_lane(std::uint32_t crc) {
  return shift[0][crc & 0xff] ^ shift[1][(crc >> 8) & 0xff] ^ shift[2][(crc >> 16) & 0xff] ^
         shift[3][crc >> 24];
}

SEATRIAL_CRC_TARGET std::uint32_t by_instruction(const std::byte* at, std::size_t size,
                                                 std::uint32_t crc) {
  for (; size >= 3 * lane_bytes; at += 3 * lane_bytes, size -= 3 * lane_bytes) {
    std::uint32_t second = 0;
    std::uint32_t third = 0;
    for (std::size_t i = 0; i < lane_bytes; i += 8) {
      crc = step8(crc, load(at + i));
      second = step8(second, load(at + lane_bytes + i));
      third = step8(third, load(at + 2 * lane_bytes + i));
    }
    crc = past_lane(past_lane(crc) ^ second) ^ third;
  }
  for (; size >= 8; at += 8, size -= 8) crc = step8(crc, load(at));
  for (; size > 0; ++at, --size) crc = step1(crc, *at);
  return crc;
}

SEATRIAL_CRC_TARGET void each_by_instruction(const std::byte* base,
                                             std::span<const std::uint32_t> at, std::size_t size,
                                             std::uint32_t* out) {
  for (std::size_t i = 0; i < at.size(); ++i) {
    const std::byte* from = base + at[i];
    std::uint32_t crc = ~std::uint32_t{0};
    std::size_t left = size;
    for (; left >= 8; from += 8, left -= 8) crc = step8(crc, load(from));
    for (; left > 0; ++from, --left) crc = step1(crc, *from);
    out[i] = ~crc;
  }
}

const bool in_hardware = instruction_present();

#endif  // SEATRIAL_CRC_TARGET

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> data, std::uint32_t before) {
#ifdef SEATRIAL_CRC_TARGET
  if (in_hardware) return ~by_instruction(data.data(), data.size(), ~before);
#endif
  return crc32c_portable(data, before);
}

std::uint32_t crc32c_portable(std::span<const std::byte> data, std::uint32_t before) {
  return ~by_table(data.data(), data.size(), ~before);
}

void crc32c_each(const std::byte* base, std::span<const std::uint32_t> at, std::size_t size,
                 std::uint32_t* out) {
#ifdef SEATRIAL_CRC_TARGET
  if (in_hardware) return each_by_instruction(base, at, size, out);
#endif
  for (std::size_t i = 0; i < at.size(); ++i) out[i] = crc32c_portable({base + at[i], size});
}

std::uint32_t crc32c_joined(std::uint32_t of_a, std::uint32_t of_b, std::size_t bytes_of_b) {
  return times(zero_bytes(bytes_of_b), of_a) ^ of_b;
}

Crc32cJoin::Crc32cJoin(std::size_t bytes_of_b) : table_(make_shift(bytes_of_b)) {}

bool crc32c_in_hardware() {
#ifdef SEATRIAL_CRC_TARGET
  return in_hardware;
#else
  return false;
#endif
}

}  // namespace seatrial
