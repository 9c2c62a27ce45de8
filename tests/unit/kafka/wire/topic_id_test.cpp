// The id of a topic in a Metadata response, and what is none.
#include "kafka/wire/topic_id.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::kafka::wire {
namespace {

Bytes response(std::int16_t error, const TopicId& id) {
  Writer out;
  out.int32(0).varint(2);
  out.int32(1).compact_string("localhost").int32(9092).varint(0).no_tags();
  out.compact_string("cluster").int32(1).varint(2);
  out.int16(error).compact_string("orders").append(id).int8(0).varint(1).int32(0).no_tags();
  out.no_tags();
  return out.take();
}

TEST_CASE("a topic's id is read, and its error told") {
  TopicId id{};
  id[0] = std::byte{7};
  id[15] = std::byte{9};
  const auto bytes = response(0, id);
  const auto read = decode_topic_id(bytes);
  REQUIRE(read);
  CHECK(*read == id);
  CHECK(decode_topic_id(response(3, id)).error().message == "Metadata: UNKNOWN_TOPIC_OR_PART");
  for (std::size_t n = 0; n < bytes.size() - 8; ++n)
    static_cast<void>(decode_topic_id(BytesView(bytes).first(n)));
  CHECK_FALSE(decode_topic_id(BytesView(bytes).first(30)));
}

TEST_CASE("a topic's id is asked for by name") {
  const auto newest = encode_topic_id(12, "t"), older = encode_topic_id(10, "t");
  CHECK(older.size() == newest.size() + 1);
  Cursor in(newest);
  CHECK(in.compact_array(1) == 1);
  in.skip(16);
  CHECK(in.compact_string() == "t");
  in.skip_tags();
  CHECK(in.int8() == 0);
  CHECK(in.int8() == 0);
  in.skip_tags();
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

}  // namespace
}  // namespace seatrial::kafka::wire
