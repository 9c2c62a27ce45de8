// Payloads: readable identities, and filler that compresses as asked.
#include "workloads/payload.hpp"

#include <zlib.h>

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

// Compressed size of many messages in a row, over their size.
double ratio(double entropy) {
  Payloads payloads(entropy, 1000, 5);
  std::vector<std::byte> all(500 * 1000);
  for (std::uint64_t i = 0; i < 500; ++i) {
    payloads.fill({all.data() + i * 1000, 1000},
                  {.trial_tag = 1, .stream = StreamId(2), .seq = Seq(i), .intended_ns = 3});
  }
  uLongf size = compressBound(all.size());
  std::vector<Bytef> packed(size);
  const auto* plain = reinterpret_cast<const Bytef*>(all.data());
  REQUIRE(compress(packed.data(), &size, plain, all.size()) == Z_OK);
  return static_cast<double>(size) / static_cast<double>(all.size());
}

}  // namespace

TEST_CASE("a payload's identity reads back, at every size and at the pool's end") {
  Payloads payloads(1, 1 << 20, 5);
  std::vector<std::byte> value(1 << 20);
  for (std::size_t size : {std::size_t{28}, std::size_t{29}, std::size_t{1000}, value.size()}) {
    for (std::uint64_t i = 0; i < 20; ++i) {
      const ledger::Identity identity{
          .trial_tag = 9, .stream = StreamId(2), .seq = Seq(i), .intended_ns = 77};
      const std::span<std::byte> bytes(value.data(), size);
      payloads.fill(bytes, identity);
      ledger::Identity read;
      CHECK(ledger::read(bytes, read) == ledger::Reading::good);
      CHECK(read == identity);
    }
  }
}

TEST_CASE("entropy is what a compressor cannot take away") {
  CHECK(ratio(1) > 0.97);
  CHECK(ratio(0.5) == Approx(0.55).margin(0.08));
  CHECK(ratio(0) < 0.06);
}
