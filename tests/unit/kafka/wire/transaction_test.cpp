// The second version of the transaction protocol byte by byte as the protocol guide lays it out;
// cut off anywhere, an answer is an error.
#include "kafka/wire/transaction.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <variant>

#include "kafka/wire/batch_writer.hpp"
#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

// Bytes as they are written down: text for text, numbers for the rest.
Bytes laid_out(std::initializer_list<std::variant<int, std::string>> parts) {
  Bytes out;
  for (const auto& part : parts) {
    if (const auto* text = std::get_if<std::string>(&part)) {
      for (const char c : *text) out.push_back(static_cast<std::byte>(c));
    } else {
      out.push_back(static_cast<std::byte>(std::get<int>(part)));
    }
  }
  return out;
}

template <class Decode>
void malformed_wherever_cut(const Bytes& whole, const Decode& decode) {
  CHECK(decode(whole));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CAPTURE(cut);
    CHECK_FALSE(decode(BytesView(whole).first(cut)));
  }
}

// One topic, so many partitions; of the last, the error.
Bytes produce_answer(std::int16_t error) {
  Writer out;
  out.varint(2).compact_string("orders").varint(3);
  out.int32(0).int16(0).int64(500).int64(-1).int64(0).varint(1).varint(0).no_tags();
  out.int32(4).int16(error).int64(-1).int64(-1).int64(-1);
  out.varint(2).int32(1).varint(0).no_tags();      // one record is at fault, without words
  out.compact_string("it is too late").varint(1);  // and one tagged field
  out.varint(0).varint(2).int8(7).int8(7);
  return out.no_tags().int32(11).no_tags().take();
}

}  // namespace

TEST_CASE("a transactional producer is initialised as the protocol says", "[wire]") {
  CHECK(encode_transactional_id("me", 0x01020304) ==
        laid_out({3, "me", 1, 2, 3, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0}));
}

TEST_CASE("a transaction is ended as the protocol says", "[wire]") {
  CHECK(encode_end_transaction("me", {5, 258}, true) ==
        laid_out({3, "me", 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 1, 0}));
  CHECK(encode_end_transaction("me", {5, 258}, false) ==
        laid_out({3, "me", 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 0, 0}));
}

TEST_CASE("who the producer is next is read, or what was refused", "[wire]") {
  const auto decode = [](BytesView body) { return decode_identity(body, "EndTxn"); };
  const Bytes whole = Writer().int32(9).int16(0).int64(4711).int16(8).no_tags().take();
  malformed_wherever_cut(whole, decode);
  const auto next = decode(whole);
  CHECK(next->producer == ProducerIdentity{4711, 8});
  CHECK(next->throttle_ms == 9);
  const auto refused = decode(Writer().int32(0).int16(47).int64(-1).int16(-1).no_tags().bytes());
  REQUIRE(refused);
  CHECK(refused->error == 47);
  const auto nobody = decode(Writer().int32(0).int16(0).int64(-1).int16(-1).no_tags().bytes());
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().message.find("EndTxn") != std::string::npos);
}

TEST_CASE("a transaction's batches are produced as the protocol says", "[wire]") {
  const Bytes first = laid_out({"ab"}), second = laid_out({"c"});
  const PartitionBatch batches[] = {{0, first}, {4, second}};
  CHECK(encode_transactional_produce({.acks = -1, .timeout_ms = 1500}, "me", "orders", batches) ==
        laid_out({3, "me", 255, 255, 0, 0,    5, 220, 2, 7, "orders", 3,  //
                  0, 0,    0,   0,   3, "ab", 0, 0,   0, 0, 4,        2, "c", 0, 0, 0}));
}

TEST_CASE("answers to a transaction's batches are read, each with its error", "[wire]") {
  const auto decode = [](BytesView body) { return decode_transactional_produce(body, "orders"); };
  const Bytes whole = produce_answer(120);
  malformed_wherever_cut(whole, decode);
  const auto reported = decode(whole);
  REQUIRE(reported->partitions.size() == 2);
  CHECK(reported->partitions[0].offset == 500);
  CHECK(reported->partitions[0].error == 0);
  CHECK(reported->partitions[1].partition == 4);
  CHECK(reported->partitions[1].error == 120);
  CHECK(reported->partitions[1].words == "it is too late");
  CHECK(reported->throttle_ms == 11);
  CHECK_FALSE(decode_transactional_produce(whole, "others"));
}

TEST_CASE("the level of a feature is told by its tag, among others", "[wire]") {
  Writer finalised;
  finalised.varint(3);
  finalised.compact_string("metadata.version").int16(27).int16(1).no_tags();
  finalised.compact_string("transaction.version").int16(2).int16(1).no_tags();
  Writer out;
  out.int16(0).varint(2).int16(26).int16(0).int16(5).no_tags().int32(0);
  out.varint(3);
  out.varint(0).varint(1).varint(1);  // supported: none
  out.varint(1).varint(8).int64(77);  // epoch
  out.varint(2).varint(finalised.bytes().size()).append(finalised.bytes());
  const Bytes whole = out.take();
  malformed_wherever_cut(whole, decode_features);
  const auto features = decode_features(whole);
  CHECK(features->size() == 2);
  CHECK(features->at(transaction_feature) == 2);
  const auto none = decode_features(Writer().int16(0).varint(1).int32(0).no_tags().bytes());
  REQUIRE(none);
  CHECK(none->empty());
  CHECK_FALSE(decode_features(Writer().int16(35).varint(1).int32(0).no_tags().bytes()));
  CHECK(encode_features().front() == std::byte{9});  // "seatrial", and one
}

TEST_CASE("answers to ApiVersions have a header without tagged fields, others do", "[wire]") {
  const Bytes body = Writer().int32(7).int8(0).int8(1).take();
  const auto left = [&](Api api, bool flexible) {
    return answer_body(body, {.api = api, .correlation = 7, .flexible = flexible})->size();
  };
  CHECK(left(Api::api_versions, true) == 2);
  CHECK(left(Api::end_txn, true) == 1);
  CHECK(left(Api::end_txn, false) == 2);
}

TEST_CASE("a transaction's batch is marked as such, and nothing else of it differs", "[wire]") {
  const auto batch = [](bool transactional) {
    Bytes out(batch_header_bytes + record_bytes(-1, 3, 0));
    std::byte* at = out.data() + batch_header_bytes;
    std::ranges::fill(put_record(at, 0, {}, 3), std::byte{'x'});
    seal_batch(out, {.codec = Codec::zstd,
                     .records = 1,
                     .producer = {9, 1},
                     .base_sequence = 0,
                     .transactional = transactional});
    return out;
  };
  const Bytes plain = batch(false), marked = batch(true);
  BatchScan scan(marked);
  Batch read;
  REQUIRE(scan.next(read));
  CHECK(crc_holds(read));
  CHECK(read.header.transactional);
  CHECK(read.codec == Codec::zstd);
  CHECK(read.header.producer_epoch == 1);
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (i >= 17 && i < 21) continue;  // checksum
    CAPTURE(i);
    const int differs = std::to_integer<int>(plain[i] ^ marked[i]);
    CHECK(differs == (i == 22 ? 0x10 : 0));
  }
}
