// CRC32C against published vectors, and the instruction against the tables.
#include "core/crc32c.hpp"

#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

using namespace seatrial;

namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_CASE("crc32c gives the published values", "[crc32c]") {
  // RFC 3720, appendix B.4, and the check value of the CRC catalogues.
  const std::vector<std::byte> zeros(32);
  const std::vector<std::byte> ones(32, std::byte{0xff});
  std::vector<std::byte> rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<std::byte>(i));
  for (const auto crc : {crc32c, crc32c_portable}) {
    CHECK(crc({}, 0) == 0);
    CHECK(crc(bytes("123456789"), 0) == 0xe3069283);
    CHECK(crc(zeros, 0) == 0x8a9136aa);
    CHECK(crc(ones, 0) == 0x62a8ab43);
    CHECK(crc(rising, 0) == 0x46dd794e);
  }
}

TEST_CASE("crc32c of pieces is that of the whole, by instruction as by table", "[crc32c]") {
  std::mt19937_64 random(7);
  std::vector<std::byte> data(5000);
  for (auto& b : data) b = static_cast<std::byte>(random());
  for (int round = 0; round < 2000; ++round) {
    // Every alignment and length, the three-chain stride of 768 bytes included.
    const std::size_t from = random() % 64;
    const std::size_t size = random() % (data.size() - from);
    const std::size_t cut = random() % (size + 1);
    const auto all = std::span<const std::byte>(data).subspan(from, size);
    REQUIRE(crc32c(all) == crc32c_portable(all));
    REQUIRE(crc32c(all.subspan(cut), crc32c(all.first(cut))) == crc32c(all));
  }
}

TEST_CASE("checksums of many pieces, and of two joined, are those of crc32c", "[crc32c]") {
  std::mt19937_64 random(11);
  std::vector<std::byte> data(4000);
  for (auto& b : data) b = static_cast<std::byte>(random());
  const std::span<const std::byte> all(data);
  for (const std::size_t size : {0, 1, 7, 8, 24, 100, 999}) {
    std::vector<std::uint32_t> at(50), sums(50);
    for (auto& place : at) place = static_cast<std::uint32_t>(random() % (data.size() - size));
    crc32c_each(data.data(), at, size, sums.data());
    const Crc32cJoin join(size);
    for (std::size_t i = 0; i < at.size(); ++i) {
      REQUIRE(sums[i] == crc32c_portable(all.subspan(at[i], size)));
      REQUIRE(join(crc32c(all.first(at[i])), sums[i]) == crc32c(all.first(at[i] + size)));
      REQUIRE(crc32c_joined(crc32c(all.first(at[i])), sums[i], size) ==
              crc32c(all.first(at[i] + size)));
    }
  }
}
