// A message's identity: what is stamped is read back, and any altered byte is noticed.
#include "ledger/identity.hpp"

#include <algorithm>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

const Identity typical{0xc0ffee42, StreamId{max_stream}, Seq{max_seq}, -5};

std::vector<std::byte> message(std::size_t size, const Identity& identity = typical) {
  std::vector<std::byte> value(size, std::byte{0x5a});
  stamp(value, identity);
  return value;
}

}  // namespace

TEST_CASE("an identity is read back as stamped", "[identity]") {
  for (const std::size_t size : {identity_bytes, identity_bytes + 1, std::size_t{1000}}) {
    Identity found;
    REQUIRE(read(message(size), found) == Reading::good);
    CHECK(found == typical);
  }
}

TEST_CASE("the layout is the documented one", "[identity]") {
  const auto value = message(32, {0x04030201, StreamId{0x171615}, Seq{0x1413121110}, 0x21});
  const unsigned char expected[] = {'S',  'E',  'A',  'T',  0x01, 0x02, 0x03, 0x04,
                                    0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                                    0x21, 0,    0,    0,    0,    0,    0,    0};
  for (std::size_t i = 0; i < sizeof expected; ++i) {
    CHECK(static_cast<unsigned char>(value[i]) == expected[i]);
  }
}

TEST_CASE("every altered byte makes a message corrupt", "[identity]") {
  const auto original = message(60);
  for (std::size_t i = 0; i < original.size(); ++i) {
    auto altered = original;
    altered[i] ^= std::byte{0x10};
    Identity found;
    CAPTURE(i);
    CHECK(read(altered, found) == Reading::corrupt);
    // Damage in magic, tag or id is explained by the true identity; elsewhere by none.
    CHECK(explains(altered, typical) == (i < 16));
    CHECK_FALSE(explains(altered, {typical.trial_tag, typical.stream, Seq{1}, -5}));
  }
}

TEST_CASE("a value too short or cut off is corrupt", "[identity]") {
  const auto original = message(60);
  for (std::size_t size = 0; size < original.size(); ++size) {
    Identity found;
    CHECK(read(std::span(original).first(size), found) == Reading::corrupt);
  }
  CHECK_FALSE(explains(std::span(original).first(10), typical));
}

TEST_CASE("what does not fit is refused", "[identity]") {
  std::vector<std::byte> small(identity_bytes - 1);
  CHECK_THROWS_AS(stamp(small, typical), InvariantBroken);
  std::vector<std::byte> value(identity_bytes);
  CHECK_THROWS_AS(stamp(value, {1, StreamId{max_stream + 1}, Seq{0}, 0}), InvariantBroken);
  CHECK_THROWS_AS(stamp(value, {1, StreamId{0}, Seq{max_seq + 1}, 0}), InvariantBroken);
}

TEST_CASE("stamping many again is the same as stamping each", "[identity]") {
  constexpr std::size_t n = 600;  // more than are summed at once
  for (const std::size_t size : {identity_bytes, identity_bytes + 1, std::size_t{100}}) {
    std::vector<std::byte> bytes(n * (size + 3));
    std::vector<std::uint32_t> at, sums;
    std::vector<std::int64_t> intended;
    for (std::size_t i = 0; i < n; ++i) {
      at.push_back(static_cast<std::uint32_t>(i * (size + 3)));
      intended.push_back(static_cast<std::int64_t>(1'000'000 * i) - 5);
      const std::span<std::byte> value(bytes.data() + at[i], size);
      for (std::size_t b = 0; b < size; ++b) value[b] = static_cast<std::byte>(7 * i + b);
      stamp(value, {.trial_tag = 77});
      sums.push_back(filler_sum(value));
    }
    const Crc32cJoin join(size - identity_bytes);
    restamp({.base = bytes.data(),
             .at = at,
             .filler_sums = sums,
             .join = join,
             .stream = StreamId{9},
             .first = Seq{max_seq - n + 1},
             .intended_ns = intended});
    for (std::size_t i = 0; i < n; ++i) {
      const std::span<std::byte> value(bytes.data() + at[i], size);
      std::vector<std::byte> one(value.begin(), value.end());
      stamp(one, {77, StreamId{9}, Seq{max_seq - n + 1 + i}, intended[i]});
      REQUIRE(std::equal(one.begin(), one.end(), value.begin()));
    }
    const Restamping beyond{.base = bytes.data(),
                            .at = at,
                            .filler_sums = sums,
                            .join = join,
                            .stream = StreamId{9},
                            .first = Seq{max_seq - n + 2},
                            .intended_ns = intended};
    CHECK_THROWS_AS(restamp(beyond), InvariantBroken);
  }
}
