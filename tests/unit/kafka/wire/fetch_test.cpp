// Requests byte by byte as the protocol guide lays them out; answers whole, cut off and altered.
#include "kafka/wire/fetch.hpp"

#include <boost/random/mersenne_twister.hpp>

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

const TopicPartition orders{"orders", 3};

Bytes answer(std::int16_t version, const TopicPartition& where = orders) {
  Writer out;
  out.int32(11);
  if (version >= 7) out.int16(0).int32(0);
  out.int32(1).string(where.topic).int32(1).int32(where.partition).int16(0).int64(500).int64(450);
  if (version >= 5) out.int64(0);
  out.int32(2).int64(4711).int64(90).int64(4712).int64(100);
  return out.int32(3).int8(1).int8(2).int8(3).take();
}

Bytes tail(const Bytes& bytes, std::size_t count) {
  return {bytes.end() - static_cast<std::ptrdiff_t>(count), bytes.end()};
}

}  // namespace

TEST_CASE("a fetch asks for one partition as a consumer under read_committed") {
  const FetchRequest request{
      .where = orders, .offset = 258, .leader_epoch = 5, .max_bytes = 1 << 20};
  Writer v4;
  v4.int32(-1).int32(100).int32(1).int32(1 << 20).int8(1);
  v4.int32(1).string("orders").int32(1).int32(3).int64(258).int32(1 << 20);
  CHECK(encode_fetch(4, request) == v4.bytes());
  Writer v10;
  v10.int32(-1).int32(100).int32(1).int32(1 << 20).int8(1).int32(0).int32(-1);
  v10.int32(1).string("orders").int32(1).int32(3).int32(5).int64(258).int64(-1).int32(1 << 20);
  v10.int32(0);
  CHECK(encode_fetch(10, request) == v10.bytes());
  CHECK(tail(encode_fetch(5, request), 12) == tail(Writer().int64(-1).int32(1 << 20).take(), 12));
}

TEST_CASE("an answer tells watermark, stable offset, aborted transactions and records") {
  for (std::int16_t version = fetch_versions.least; version <= fetch_versions.most; ++version) {
    const Bytes bytes = answer(version);
    const auto got = decode_fetch(version, bytes, orders);
    REQUIRE(got);
    CHECK(got->error == 0);
    CHECK(got->throttle_ms == 11);
    CHECK(got->high_watermark == 500);
    CHECK(got->last_stable_offset == 450);
    CHECK(got->aborted == std::vector<AbortedTransaction>{{4711, 90}, {4712, 100}});
    REQUIRE(got->records.size() == 3);
    CHECK(got->records.data() == bytes.data() + bytes.size() - 3);  // where they are
  }
}

TEST_CASE("an answer about something else is an error") {
  CHECK_FALSE(decode_fetch(10, answer(10, {"others", 3}), orders));
  CHECK_FALSE(decode_fetch(10, answer(10, {"orders", 2}), orders));
}

TEST_CASE("an error of the whole fetch is told without a partition") {
  const auto got = decode_fetch(10, Writer().int32(0).int16(70).int32(0).int32(0).take(), orders);
  REQUIRE(got);
  CHECK(got->error == 70);
}

TEST_CASE("answers cut off anywhere or made of random bytes are errors or values") {
  const Bytes whole = answer(10);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    REQUIRE_FALSE(decode_fetch(10, BytesView(whole).first(size), orders));
  }
  boost::random::mt19937 random(4711);
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes = whole;
    bytes[random() % bytes.size()] = static_cast<std::byte>(random() & 0xffU);
    const auto got = decode_fetch(static_cast<std::int16_t>(4 + random() % 7), bytes, orders);
    if (got) REQUIRE(got->records.size() <= bytes.size());
  }
}
