// Headers of frames, and which request a response answers.
#include "proxy/framing.hpp"

#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::proxy {
namespace {

using kafka::wire::Writer;

Bytes framed(Writer& body) {
  Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  return frame.take();
}

Bytes produce(std::int16_t version, std::int16_t acks) {
  Writer body;
  body.int16(api::produce).int16(version).int32(77).string("loader-1");
  if (version >= 9) body.no_tags().varint(0);  // no transactional id
  else if (version >= 3) body.int16(-1);
  body.int16(acks).int32(1500).int32(0);
  return framed(body);
}

TEST_CASE("a request's header is read once it is there, and not before") {
  Writer body;
  body.int16(api::fetch).int16(11).int32(-5).string("reader");
  body.append(Bytes(100));
  const Bytes bytes = framed(body);
  RequestHeader header;
  constexpr std::size_t header_bytes = 4 + 2 + 2 + 4 + 2 + 6;
  for (std::size_t n = 0; n < header_bytes; ++n) {
    CHECK(parse_request(BytesView(bytes).first(n), header) == Parsed::too_short);
  }
  for (const std::size_t n : {header_bytes, header_bytes + 1, bytes.size()}) {
    REQUIRE(parse_request(BytesView(bytes).first(n), header) == Parsed::whole);
    CHECK(header.api == api::fetch);
    CHECK(header.version == 11);
    CHECK(header.correlation == -5);
    CHECK(header.client == "reader");
    CHECK(header.body == header_bytes);
    CHECK(header.size == static_cast<std::int32_t>(bytes.size()) - 4);
    CHECK(header.answered);
  }
}

TEST_CASE("a produce request says whether it is answered") {
  using Numbers = std::initializer_list<std::int16_t>;
  for (const std::int16_t version : Numbers{0, 2, 3, 8, 9, 13}) {
    for (const std::int16_t acks : Numbers{0, 1, -1}) {
      INFO("version " << version << ", acks " << acks);
      RequestHeader header;
      REQUIRE(parse_request(produce(version, acks), header) == Parsed::whole);
      CHECK(header.answered == (acks != 0));
    }
  }
}

TEST_CASE("what is no frame of Kafka's is told") {
  RequestHeader header;
  ResponseHeader response;
  const auto bytes_of = [](std::int32_t size) {
    Writer out;
    out.int32(size).append(Bytes(20, std::byte{0xff}));
    return out.take();
  };
  CHECK(parse_request(bytes_of(-1), header) == Parsed::not_kafka);
  CHECK(parse_request(bytes_of(9), header) == Parsed::not_kafka);
  CHECK(parse_request(bytes_of(1000), header) == Parsed::not_kafka);  // api -1
  CHECK(parse_response(bytes_of(3), response) == Parsed::not_kafka);
  Writer client_beyond_its_frame;
  client_beyond_its_frame.int16(3).int16(0).int32(1).int16(500);
  CHECK(parse_request(framed(client_beyond_its_frame), header) == Parsed::not_kafka);
}

TEST_CASE("responses find their requests, own answers wait for their turn") {
  Pipeline pipeline;
  pipeline.push({.api = 1, .correlation = 10});
  pipeline.push({.api = 0, .correlation = 11, .swallowed = false, .answer = Bytes(3)});
  pipeline.push({.api = 3, .correlation = 12, .swallowed = true});
  CHECK_FALSE(pipeline.own_answer());
  CHECK_FALSE(pipeline.answered(12));  // not its turn
  CHECK(pipeline.answered(10)->api == 1);
  CHECK(pipeline.own_answer_is_next());
  CHECK(pipeline.own_answer()->size() == 3);
  CHECK(pipeline.answered(12)->swallowed);
  CHECK(pipeline.size() == 0);
  CHECK_FALSE(pipeline.answered(13));
}

TEST_CASE("a response that comes before its turn is told, and kept until then") {
  Pipeline pipeline;
  pipeline.keep_place({.api = 1, .correlation = 20});
  pipeline.push({.api = 1, .correlation = 21});
  pipeline.push({.api = 1, .correlation = 22, .swallowed = true});
  CHECK_FALSE(pipeline.answered(20));  // not asked yet
  const auto early = pipeline.answered(21);
  REQUIRE(early);
  CHECK(early->early);
  pipeline.take_place();
  pipeline.answer_early(early->turn, Bytes(5));
  CHECK_FALSE(pipeline.own_answer());
  CHECK(pipeline.answered(22)->swallowed);  // for nobody: it need not wait
  const auto last = pipeline.answered(20);
  REQUIRE(last);
  CHECK_FALSE(last->early);
  CHECK(pipeline.own_answer()->size() == 5);
  CHECK(pipeline.size() == 0);
}

TEST_CASE("nodes are known by their client ids") {
  CHECK(node_of_client("broker-1-fetcher-0") == 1);
  CHECK(node_of_client("raft-client-101") == 101);
  CHECK(node_of_client("2") == 2);
  CHECK_FALSE(node_of_client("kafka"));
  CHECK_FALSE(node_of_client(""));
  CHECK_FALSE(node_of_client("99999999999"));
}

}  // namespace
}  // namespace seatrial::proxy
