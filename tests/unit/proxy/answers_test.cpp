// Answers in a broker's place, byte by byte for one version of each layout.
#include "proxy/answers.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Cursor;
using kafka::wire::Writer;

Bytes whole_frame(Writer& body) {
  Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  return frame.take();
}

TEST_CASE("each partition of a produce request is refused") {
  Writer body;
  body.int16(api::produce).int16(7).int32(5).string("c").int16(-1).int16(-1).int32(1000);
  body.int32(2).string("orders").int32(2);
  for (const std::int32_t partition : {0, 4}) body.int32(partition).int32(3).append(Bytes(3));
  body.string("other").int32(1).int32(9).int32(-1);
  const auto answer = error_answer(whole_frame(body), 19);
  REQUIRE(answer);
  Cursor in(*answer);
  CHECK(in.int32() == static_cast<std::int32_t>(answer->size()) - 4);
  CHECK(in.int32() == 5);
  REQUIRE(in.int32() == 2);
  CHECK(in.string() == "orders");
  CHECK(in.int32() == 2);
  for (const std::int32_t partition : {0, 4}) {
    CHECK(in.int32() == partition);
    CHECK(in.int16() == 19);
    for (int i = 0; i < 3; ++i) CHECK(in.int64() == -1);
  }
  CHECK(in.string() == "other");
  CHECK(in.int32() == 1);
  CHECK(in.int32() == 9);
  CHECK(in.int16() == 19);
  in.skip(24);
  CHECK(in.int32() == 0);
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

TEST_CASE("the flexible layouts of produce are answered, too") {
  const auto version = static_cast<std::int16_t>(GENERATE(9, 13));
  Writer body;
  body.int16(api::produce).int16(version).int32(6).string("c").no_tags();
  body.varint(0).int16(1).int32(1000).varint(2);
  if (version == 13) body.append(Bytes(16, std::byte{7}));
  else body.compact_string("t");
  body.varint(2).int32(3).varint(5).append(Bytes(4)).no_tags().no_tags().no_tags();
  const auto answer = error_answer(whole_frame(body), 6);
  REQUIRE(answer);
  Cursor in(*answer);
  in.int32();
  CHECK(in.int32() == 6);
  in.skip_tags();
  CHECK(in.compact_array(1) == 1);
  if (version == 13) in.skip(16);
  else CHECK(in.compact_string() == "t");
  CHECK(in.compact_array(1) == 1);
  CHECK(in.int32() == 3);
  CHECK(in.int16() == 6);
  in.skip(24);
  CHECK(in.varint() == 1);
  CHECK(in.varint() == 0);
  in.skip_tags();
  in.skip_tags();
  CHECK(in.int32() == 0);
  in.skip_tags();
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

TEST_CASE("what cannot be answered is not") {
  Writer metadata;
  metadata.int16(3).int16(1).int32(1).string("c").int32(0);
  CHECK_FALSE(error_answer(whole_frame(metadata), 3));
  Writer old;
  old.int16(api::produce).int16(1).int32(1).string("c").int16(1).int32(1).int32(0);
  CHECK_FALSE(error_answer(whole_frame(old), 3));
  Writer cut_short;
  cut_short.int16(api::produce).int16(7).int32(1).string("c").int16(-1).int16(1).int32(1).int32(9);
  CHECK_FALSE(error_answer(whole_frame(cut_short), 3));
  CHECK_FALSE(error_answer({}, 3));
}

TEST_CASE("flat answers have the error where their version has it") {
  const auto sizes = [](std::int16_t api, std::int16_t version) {
    Writer body;
    body.int16(api).int16(version).int32(1).string("c").no_tags().append(Bytes(20));
    const auto answer = error_answer(whole_frame(body), 5);
    return answer ? answer->size() : 0;
  };
  CHECK(sizes(api::fetch, 11) == 8 + 4 + 2 + 4 + 4);
  CHECK(sizes(api::fetch, 12) == 8 + 1 + 4 + 2 + 4 + 1 + 1);
  CHECK(sizes(api::fetch, 6) == 0);
  CHECK(sizes(api::heartbeat, 0) == 8 + 2);
  CHECK(sizes(api::heartbeat, 4) == 8 + 1 + 4 + 2 + 1);
  CHECK(sizes(api::init_producer_id, 1) == 8 + 4 + 2 + 8 + 2);
  CHECK(sizes(api::end_txn, 2) == 8 + 4 + 2);
  CHECK(sizes(10, 2) == 8 + 4 + 2 + 2 + 4 + 2 + 4);
}

}  // namespace
}  // namespace seatrial::proxy
