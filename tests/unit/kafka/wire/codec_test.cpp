// What was compressed comes back; what was cut off, altered or made to explode is an error.
#include "kafka/wire/codec.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"
#include "unit/kafka/wire/batch_bytes.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

struct Kind {
  Codec codec;
  bool framed = false;
};

const std::vector<Kind> kinds{
    {Codec::gzip}, {Codec::snappy}, {Codec::snappy, true}, {Codec::lz4}, {Codec::zstd}};

Bytes prose(std::size_t size) {
  Bytes out;
  for (std::size_t i = 0; out.size() < size; ++i) {
    out.push_back(static_cast<std::byte>(i % 251 * (i / 997)));
  }
  return out;
}

bool same(BytesView a, BytesView b) { return std::ranges::equal(a, b); }

}  // namespace

TEST_CASE("each codec gives back what was compressed") {
  Decompressor decompress;
  for (const Kind& kind : kinds) {
    for (const std::size_t size : {0UL, 1UL, 1000UL, 65536UL, 300'000UL}) {
      INFO("codec " << static_cast<int>(kind.codec) << ", " << size << " bytes");
      const Bytes bytes = prose(size);
      const auto back = decompress(kind.codec, test::compressed(kind.codec, kind.framed, bytes));
      REQUIRE(back);
      REQUIRE(same(*back, bytes));
    }
  }
}

TEST_CASE("bytes without a codec stay where they are") {
  const Bytes bytes = prose(100);
  Decompressor decompress;
  CHECK(decompress(Codec::none, bytes).value().data() == bytes.data());
}

TEST_CASE("several members and frames are one text") {
  const Bytes bytes = prose(5000);
  Decompressor decompress;
  for (const Codec codec : {Codec::gzip, Codec::lz4, Codec::zstd}) {
    const Bytes half = test::compressed(codec, false, bytes);
    const auto back = decompress(codec, Writer().append(half).append(half).take());
    REQUIRE(back);
    CHECK(back->size() == 10'000);
  }
}

TEST_CASE("compressed bytes cut off anywhere are an error") {
  const Bytes bytes = prose(4000);
  Decompressor decompress;
  for (const Kind& kind : kinds) {
    const Bytes whole = test::compressed(kind.codec, kind.framed, bytes);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO("codec " << static_cast<int>(kind.codec) << ", " << size << " of " << whole.size());
      const auto back = decompress(kind.codec, BytesView(whole).first(size));
      // Frames that end between two of their blocks are whole: fewer records will tell.
      if (back) REQUIRE((kind.framed && back->size() < bytes.size()));
    }
    CHECK(decompress(kind.codec, whole));
  }
}

TEST_CASE("what claims or grows to more than the limit is an error") {
  Decompressor decompress(1 << 20);
  Writer claim;  // snappy: a length of 4 GB and nothing behind it
  claim.varint(0xffff'ffffU).int32(0);
  CHECK_FALSE(decompress(Codec::snappy, claim.bytes()));
  Bytes zeros(300 << 10);
  for (const Codec codec : {Codec::gzip, Codec::lz4, Codec::zstd}) {
    const Bytes bomb = test::compressed(codec, false, zeros);
    Writer many;
    for (int i = 0; i < 5; ++i) many.append(bomb);
    const auto result = decompress(codec, many.bytes());
    REQUIRE_FALSE(result);
    CHECK(result.error().message.find("too large") != std::string::npos);
  }
  CHECK_FALSE(decompress(static_cast<Codec>(5), zeros));
}
