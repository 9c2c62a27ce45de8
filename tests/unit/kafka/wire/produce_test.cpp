// Produce and InitProducerId byte by byte as the protocol guide lays them out; batches against
// those that the tests of the readers are made of, and read back by those readers.
#include "kafka/wire/produce.hpp"

#include <librdkafka/rdkafka.h>

#include <random>
#include <string>

#include "kafka/wire/batch_writer.hpp"
#include "kafka/wire/bytes.hpp"
#include "kafka/wire/codec.hpp"
#include "kafka/wire/producer.hpp"
#include "support/catch.hpp"
#include "unit/kafka/wire/batch_bytes.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;

namespace {

BytesView view(const std::string& text) { return std::as_bytes(std::span(text)); }

// The records of a batch: keys (none if empty) and values.
struct Text {
  std::string key, value;
};

Bytes written(const std::vector<Text>& texts, const BatchSeal& seal) {
  std::size_t bytes = batch_header_bytes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto key = texts[i].key.empty() ? -1 : static_cast<std::int64_t>(texts[i].key.size());
    bytes += record_bytes(key, texts[i].value.size(), static_cast<std::int64_t>(i));
  }
  Bytes batch(bytes);
  std::byte* at = batch.data() + batch_header_bytes;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto key = texts[i].key.empty() ? BytesView() : view(texts[i].key);
    const auto place = put_record(at, static_cast<std::int64_t>(i), key, texts[i].value.size());
    std::ranges::copy(view(texts[i].value), place.begin());
  }
  CHECK(at == batch.data() + batch.size());
  seal_batch(batch, seal);
  return batch;
}

Bytes answer(std::int16_t version, std::int16_t error = 0, std::int32_t partition = 3) {
  Writer out;
  out.int32(1).string("orders").int32(1).int32(partition).int16(error).int64(500).int64(-1);
  if (version >= 5) out.int64(0);
  return out.int32(11).take();
}

}  // namespace

TEST_CASE("a produce request is laid out as the protocol says", "[wire]") {
  Bytes request = encode_produce_head({.acks = -1, .timeout_ms = 1500}, "orders");
  const std::size_t head = request.size();
  for (const int b : {0xaa, 0xbb, 0xcc}) request.push_back(static_cast<std::byte>(b));
  set_produce_call(request, head, {.version = 5, .correlation = 0x01020304, .partition = 3});
  Writer expected;
  expected.int32(static_cast<std::int32_t>(request.size() - 4));
  expected.int16(0).int16(5).int32(0x01020304).string("seatrial");
  expected.int16(-1).int16(-1).int32(1500);
  expected.int32(1).string("orders").int32(1).int32(3).int32(3);
  expected.int8(static_cast<std::int8_t>(0xaa)).int8(static_cast<std::int8_t>(0xbb));
  expected.int8(static_cast<std::int8_t>(0xcc));
  CHECK(request == expected.bytes());
}

TEST_CASE("answers to produce are read in every version, and about nothing else", "[wire]") {
  for (std::int16_t version = produce_versions.least; version <= produce_versions.most; ++version) {
    const Bytes whole = answer(version, 6);
    const auto reported = decode_produce(version, whole, "orders", 3);
    REQUIRE(reported);
    CHECK(reported->error == 6);
    CHECK(reported->offset == 500);
    CHECK(reported->throttle_ms == 11);
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
      CHECK_FALSE(decode_produce(version, BytesView(whole).first(cut), "orders", 3));
    }
    CHECK_FALSE(decode_produce(version, whole, "others", 3));
    CHECK_FALSE(decode_produce(version, whole, "orders", 4));
  }
}

TEST_CASE("a producer id is asked for without a transaction, and read", "[wire]") {
  CHECK(encode_init_producer_id() == Writer().int16(-1).int32(0x7fffffff).bytes());
  const Bytes whole = Writer().int32(0).int16(0).int64(4711).int16(2).take();
  const auto reported = decode_init_producer_id(whole);
  REQUIRE(reported);
  CHECK(*reported == ProducerIdentity{4711, 2});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    CHECK_FALSE(decode_init_producer_id(BytesView(whole).first(cut)));
  }
  const auto refused =
      decode_init_producer_id(Writer().int32(0).int16(15).int64(-1).int16(-1).bytes());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("COORDINATOR_NOT_AVAILABLE") != std::string::npos);
}

TEST_CASE("a batch of two records, every byte", "[wire]") {
  const Bytes batch = written(
      {{"", "ab"}, {"k", "c"}},
      {.records = 2, .timestamp_ms = 0x0102030405060708, .producer = {9, 1}, .base_sequence = 70});
  // After the protocol guide; the checksum by another implementation of CRC32C.
  const unsigned char expected[] = {
      0,  0, 0, 0,  0,    0,    0,    0,        // base offset
      0,  0, 0, 67, 0xff, 0xff, 0xff, 0xff, 2,  // length, leader epoch, magic
      0,  0, 0, 0,                              // checksum, looked at below
      0,  0, 0, 0,  0,    1,                    // attributes, last offset's delta
      1,  2, 3, 4,  5,    6,    7,    8,    1, 2, 3, 4, 5, 6,  7, 8,  // timestamps
      0,  0, 0, 0,  0,    0,    0,    9,    0, 1, 0, 0, 0, 70,        // producer, sequence
      0,  0, 0, 2,                                                    // records
      16, 0, 0, 0,  1,    4,    'a',  'b',  0,                        // length 8, no key, value
      16, 0, 0, 2,  2,    'k',  2,    'c',  0};
  REQUIRE(batch.size() == sizeof expected);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (i >= 17 && i < 21) continue;
    CAPTURE(i);
    CHECK(std::to_integer<int>(batch[i]) == expected[i]);
  }
  BatchScan scan(batch);
  Batch read;
  REQUIRE(scan.next(read));
  CHECK(crc_holds(read));
}

TEST_CASE("batches are the bytes that a broker would store, and are read back", "[wire]") {
  std::mt19937_64 random(5);
  std::vector<Text> texts;
  test::BatchText same{.header = {.leader_epoch = -1,
                                  .producer_id = 77,
                                  .producer_epoch = 3,
                                  .base_sequence = 1000,
                                  .max_timestamp_ms = 5'000'000},
                       .base_timestamp_ms = 5'000'000,
                       .records = {}};
  // Past 64 and 8192, where a record's delta takes one more byte.
  for (int i = 0; i < 8300; ++i) {
    Text text{.key = random() % 2 == 0 ? "" : std::to_string(random() % 100'000),
              .value = std::string(random() % 300, 'v')};
    test::RecordText record{.offset_delta = i, .value = text.value};
    if (!text.key.empty()) record.key = text.key;
    same.records.push_back(record);
    texts.push_back(std::move(text));
  }
  const Bytes batch = written(
      texts,
      {.records = 8300, .timestamp_ms = 5'000'000, .producer = {77, 3}, .base_sequence = 1000});
  CHECK(batch == test::batch_bytes(same));
  BatchScan scan(batch);
  Batch read;
  REQUIRE(scan.next(read));
  CHECK(crc_holds(read));
  RecordScan records(read, read.records);
  std::size_t count = 0;
  for (LogRecord record; records.next(record); ++count) {
    REQUIRE(record.value.size() == texts[count].value.size());
    REQUIRE(record.key.size() == texts[count].key.size());
    REQUIRE(record.timestamp_ms == 5'000'000);
  }
  CHECK(records.sound());
  CHECK(count == texts.size());
}

TEST_CASE("what is compressed here is decompressed to the same", "[wire]") {
  std::mt19937_64 random(6);
  for (const auto codec : {Codec::none, Codec::lz4, Codec::zstd}) {
    Compressor compress(codec);
    Decompressor decompress;
    for (const std::size_t size : {1U, 1000U, 300'000U}) {
      Bytes bytes(size);
      for (auto& b : bytes) b = static_cast<std::byte>(random() % 4);
      Bytes out(compress.bound(size));
      const std::size_t used = compress(bytes, out);
      const auto back = decompress(codec, BytesView(out).first(used));
      REQUIRE(back);
      CHECK(std::ranges::equal(*back, bytes));
      if (codec != Codec::none && size > 1000) CHECK(used < size);
    }
  }
}

TEST_CASE("a producer's local errors carry the client library's numbers", "[wire]") {
  CHECK(error_transport == RD_KAFKA_RESP_ERR__TRANSPORT);
  CHECK(error_expired == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
  CHECK(error_timed_out == RD_KAFKA_RESP_ERR__TIMED_OUT);
  CHECK(error_never_left == RD_KAFKA_RESP_ERR__PURGE_QUEUE);
  CHECK(error_abandoned == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT);
}
