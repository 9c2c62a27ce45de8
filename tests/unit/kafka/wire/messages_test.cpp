// Requests byte by byte as the protocol guide lays them out; answers whole, cut off at every
// length, and made of random bytes.
#include "kafka/wire/messages.hpp"

#include <boost/random/mersenne_twister.hpp>

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

// Two brokers, one topic with one partition led by 2, in Metadata version 7.
Bytes metadata_answer() {
  Writer out;
  out.int32(0).int32(2);
  out.int32(1).string("h1").int32(9091).int16(-1);
  out.int32(2).string("h2").int32(9092).string("rack");
  out.string("cluster").int32(1);
  out.int32(1).int16(0).string("orders").int8(0);
  out.int32(1).int16(0).int32(5).int32(2).int32(7);
  out.int32(2).int32(2).int32(1).int32(1).int32(2).int32(0);
  return out.take();
}

Bytes quorum_answer() {
  Writer out;
  out.int16(0).varint(2).compact_string("__cluster_metadata");
  out.varint(2).int32(0).int16(0).int32(3000).int32(12).int64(345);
  out.varint(2).int32(3000).int64(345).no_tags();
  out.varint(1).no_tags().no_tags().no_tags();
  return out.take();
}

Bytes offsets_answer(std::int16_t error, std::int64_t offset) {
  Writer out;
  out.int32(0).int32(1).string("orders").int32(1).int32(0).int16(error).int64(-1).int64(offset);
  return out.int32(3).take();
}

}  // namespace

TEST_CASE("integers are big-endian both ways") {
  Writer out;
  out.int8(-2).int16(258).int32(-1).int64(0x0102030405060708).varint(300);
  CHECK(out.bytes() ==
        bytes({0xfe, 1, 2, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xac, 2}));
  Cursor in(out.bytes());
  CHECK(in.int8() == -2);
  CHECK(in.int16() == 258);
  CHECK(in.int32() == -1);
  CHECK(in.int64() == 0x0102030405060708);
  CHECK(in.varint() == 300);
  CHECK(in.ok());
  CHECK(in.left() == 0);
}

TEST_CASE("a cursor that ran out of bytes stays out") {
  const Bytes two = bytes({0, 9});
  Cursor in(two);
  CHECK(in.int32() == 0);
  CHECK_FALSE(in.ok());
  CHECK(in.int8() == 0);
  CHECK(in.string().empty());
  CHECK_FALSE(in.ok());
}

TEST_CASE("lengths from the wire are compared with what is left") {
  const Bytes many = bytes({0x7f, 0xff, 0xff, 0xff, 1, 2});
  CHECK(Cursor(many).array(1) == 0);
  Cursor in(many);
  in.array(1);
  CHECK_FALSE(in.ok());
  const Bytes endless = bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  Cursor varint(endless);
  CHECK(varint.varint() == 0);
  CHECK_FALSE(varint.ok());
  Cursor text(endless);
  CHECK(text.string().empty());  // length -1: null, and fine
  CHECK(text.ok());
}

TEST_CASE("a request frame is size, header, body") {
  const RequestHeader header{.api = Api::api_versions, .version = 0, .correlation = 7};
  const Bytes expected = bytes({0, 0, 0, 18, 0, 18, 0, 0, 0, 0, 0, 7, 0, 8, 's', 'e', 'a', 't', 'r',
                                'i', 'a', 'l'});
  CHECK(frame(header, {}) == expected);
  const RequestHeader flexible{Api::describe_quorum, 0, 7, true};
  CHECK(frame(flexible, {}).size() == expected.size() + 1);
}

TEST_CASE("an answer belongs to its request") {
  const RequestHeader header{.api = Api::metadata, .version = 1, .correlation = 7};
  const Bytes answer = bytes({0, 0, 0, 7, 42});
  const auto body = answer_body(answer, header);
  REQUIRE(body);
  REQUIRE(body->size() == 1);
  CHECK(body->front() == std::byte{42});
  CHECK_FALSE(answer_body(bytes({0, 0, 0, 8, 42}), header));
  CHECK_FALSE(answer_body(bytes({0, 0, 0}), header));
}

TEST_CASE("the highest common version is spoken, or none") {
  const Versions theirs{{3, {0, 2}}, {2, {5, 9}}};
  CHECK(common_version(theirs, Api::metadata, metadata_versions) == std::int16_t{2});
  CHECK_FALSE(common_version(theirs, Api::list_offsets, list_offsets_versions));
  CHECK_FALSE(common_version(theirs, Api::describe_quorum, describe_quorum_versions));
}

TEST_CASE("api versions") {
  const auto versions = decode_api_versions(bytes({0, 0, 0, 0, 0, 1, 0, 3, 0, 1, 0, 13}));
  REQUIRE(versions);
  CHECK(*versions == Versions{{3, {1, 13}}});
  const auto refused = decode_api_versions(bytes({0, 35, 0, 0, 0, 0}));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("UNSUPPORTED_VERSION") != std::string::npos);
}

TEST_CASE("metadata") {
  CHECK(encode_metadata(1, {"ab"}) == bytes({0, 0, 0, 1, 0, 2, 'a', 'b'}));
  CHECK(encode_metadata(4, {"ab"}) == bytes({0, 0, 0, 1, 0, 2, 'a', 'b', 0}));
  const auto metadata = decode_metadata(7, metadata_answer());
  REQUIRE(metadata);
  const Metadata expected{
      .brokers = {{NodeId(1), "h1", 9091}, {NodeId(2), "h2", 9092}},
      .cluster_id = "cluster",
      .controller = NodeId(1),
      .topics = {{0, "orders", {{0, 5, NodeId(2), 7, {NodeId(2), NodeId(1)}, {NodeId(2)}}}}}};
  CHECK(*metadata == expected);
}

TEST_CASE("offsets") {
  CHECK(encode_list_offsets(1, {"a", 3}, Offset::high_watermark) ==
        bytes({0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 1, 'a', 0, 0, 0, 1, 0, 0, 0, 3,
               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  const Bytes log_end = encode_list_offsets(4, {"a", 3}, Offset::log_end);
  CHECK(log_end[3] == std::byte{0xfe});  // asks as a debugger, who sees beyond the watermark
  CHECK(encode_list_offsets(4, {"a", 3}, Offset::log_start).back() == std::byte{0xfe});
  CHECK(decode_list_offsets(4, offsets_answer(0, 1234)).value() == 1234);
  const auto moved = decode_list_offsets(4, offsets_answer(6, -1));
  REQUIRE_FALSE(moved);
  CHECK(moved.error().message.find("NOT_LEADER") != std::string::npos);
  CHECK_FALSE(decode_list_offsets(4, offsets_answer(0, -1)));
}

TEST_CASE("offsets of many partitions, of which some are refused") {
  CHECK(encode_all_offsets(1, {{"a", 3}, {"b", 1}, {"a", 4}}, Offset::log_end) ==
        bytes({0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 2,                                     //
               0, 1, 'a', 0, 0, 0, 2,                                                  //
               0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,             //
               0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,             //
               0, 1, 'b', 0, 0, 0, 1,                                                  //
               0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  const Bytes answer =
      bytes({0, 0, 0, 1, 0, 1, 'a', 0, 0, 0, 2,                                        //
             0, 0, 0, 3, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9,         //
             0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
  const auto reported = decode_all_offsets(1, answer);
  REQUIRE(reported);
  CHECK(*reported == std::map<TopicPartition, std::int64_t>{{{"a", 4}, 7}});
  for (std::size_t size = 0; size < answer.size(); ++size) {
    CHECK_FALSE(decode_all_offsets(1, BytesView(answer).first(size)));
  }
}

TEST_CASE("the quorum's leader") {
  const auto quorum = decode_describe_quorum(quorum_answer());
  REQUIRE(quorum);
  CHECK(*quorum == Quorum{NodeId(3000), 12, {NodeId(3000)}});
  CHECK_FALSE(decode_describe_quorum(bytes({0, 41})));
}

TEST_CASE("an answer cut off anywhere is an error") {
  const auto cut = [](const Bytes& whole, auto decode) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO(size);
      CHECK_FALSE(decode(BytesView(whole).first(size)));
    }
    CHECK(decode(BytesView(whole)));
  };
  cut(metadata_answer(), [](BytesView b) { return decode_metadata(7, b).has_value(); });
  cut(offsets_answer(0, 5), [](BytesView b) {
    // The leader epoch at the end is not needed.
    return b.size() >= offsets_answer(0, 5).size() - 4 ? b.size() == offsets_answer(0, 5).size()
                                                       : decode_list_offsets(4, b).has_value();
  });
  cut(quorum_answer(), [](BytesView b) {
    // Nor are the observers and tags after the voters.
    return b.size() + 4 >= quorum_answer().size() ? b.size() == quorum_answer().size()
                                                  : decode_describe_quorum(b).has_value();
  });
}

TEST_CASE("random bytes crash no decoder") {
  boost::random::mt19937_64 random(1);
  const Bytes whole = metadata_answer();
  for (int round = 0; round < 20'000; ++round) {
    Bytes noise(random() % 120);
    // Mostly small numbers, so that lengths are believable and decoders get far.
    for (auto& byte : noise) {
      byte = static_cast<std::byte>(random() % 8 == 0 ? random() : random() % 3);
    }
    Bytes altered = whole;
    altered[random() % altered.size()] = static_cast<std::byte>(random());
    for (const Bytes& input : {noise, altered}) {
      for (std::int16_t version = 1; version <= 7; ++version) {
        static_cast<void>(decode_metadata(version, input));
        static_cast<void>(decode_list_offsets(version, input));
      }
      static_cast<void>(decode_api_versions(input));
      static_cast<void>(decode_describe_quorum(input));
    }
  }
  SUCCEED();
}
