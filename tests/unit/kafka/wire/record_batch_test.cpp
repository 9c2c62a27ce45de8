// Batches and records by what they hold, as they are, cut off anywhere and with bits flipped.
#include "kafka/wire/record_batch.hpp"

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "kafka/wire/bytes.hpp"
#include "kafka/wire/codec.hpp"
#include "support/catch.hpp"
#include "unit/kafka/wire/batch_bytes.hpp"

using namespace seatrial;
using namespace seatrial::kafka::wire;
using test::BatchText;

namespace {

std::string as_text(BytesView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

std::vector<LogRecord> records_of(const Batch& batch) {
  std::vector<LogRecord> out;
  RecordScan scan(batch, batch.records);
  for (LogRecord record; scan.next(record);) out.push_back(record);
  CHECK(scan.sound());
  return out;
}

BatchText three_records() {
  return {.header = {.base_offset = 1000,
                     .leader_epoch = 7,
                     .producer_id = 4711,
                     .producer_epoch = 3,
                     .base_sequence = 42,
                     .transactional = true,
                     .max_timestamp_ms = 1300},
          .base_timestamp_ms = 900,
          .records = {{.offset_delta = 0, .key = "k", .value = "first"},
                      {.offset_delta = 2, .value = std::string(300, 'x'), .time_delta = -100},
                      {.offset_delta = 300,
                       .key = "",
                       .headers = {{"a", "1"}, {"b", std::nullopt}},
                       .time_delta = 400}}};
}

Bytes join(const std::vector<Bytes>& parts) {
  Writer out;
  for (const Bytes& part : parts) out.append(part);
  return out.take();
}

// A log of every codec, with a marker; what it holds uncompressed is some 20 KB.
Bytes mixed_log() {
  std::vector<Bytes> parts;
  std::int64_t next = 0;
  for (const auto codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    BatchText batch{.header = {.base_offset = next}, .codec = codec, .framed = next > 100};
    for (std::int64_t i = 0; i < 40; ++i) {
      batch.records.push_back({.offset_delta = i,
                               .key = std::to_string(i),
                               .value = std::string(100, static_cast<char>('a' + i % 26)),
                               .headers = {{"h", "v"}}});
    }
    parts.push_back(test::batch_bytes(batch));
    next += 40;
  }
  parts.push_back(test::batch_bytes(test::marker(next, 1, false)));
  return join(parts);
}

struct Seen {
  std::uint64_t batches = 0, good_crcs = 0, records = 0, sound = 0, touched = 0;
};

// Everything that the reader does to an answer's records, and more: wrong checksums do not end it.
Seen scan_all(BytesView bytes, Decompressor& decompress) {
  Seen seen;
  static_cast<void>(offset_after(bytes));
  BatchScan batches(bytes);
  for (Batch batch; batches.next(batch);) {
    ++seen.batches;
    if (crc_holds(batch)) ++seen.good_crcs;
    const auto records = decompress(batch.codec, batch.records);
    if (!records) continue;
    REQUIRE(records->size() <= Decompressor::largest_output);
    RecordScan scan(batch, *records);
    for (LogRecord record; scan.next(record); ++seen.records) {
      for (const auto view : {record.key, record.value}) {
        if (!view.empty()) seen.touched += std::to_integer<std::uint64_t>(view.back());
      }
      static_cast<void>(marker_of(record));
    }
    seen.sound += scan.sound() ? 1 : 0;
  }
  return seen;
}

}  // namespace

TEST_CASE("a batch's header and records are read where they are") {
  const Bytes bytes = test::batch_bytes(three_records());
  BatchScan batches(bytes);
  Batch batch;
  REQUIRE(batches.next(batch));
  CHECK(crc_holds(batch));
  const LogBatch& header = batch.header;
  CHECK(header.seen);
  CHECK(header.base_offset == 1000);
  CHECK(header.last_offset == 1300);
  CHECK(header.leader_epoch == 7);
  CHECK(header.producer_id == 4711);
  CHECK(header.producer_epoch == 3);
  CHECK(header.base_sequence == 42);
  CHECK(header.transactional);
  CHECK_FALSE(header.control);
  CHECK_FALSE(header.log_append_time);
  CHECK(header.max_timestamp_ms == 1300);
  const auto records = records_of(batch);
  REQUIRE(records.size() == 3);
  CHECK(records[0].offset == 1000);
  CHECK(records[0].timestamp_ms == 900);
  CHECK(as_text(records[0].key) == "k");
  CHECK(as_text(records[0].value) == "first");
  CHECK(records[0].value.data() > bytes.data());
  CHECK(records[0].value.data() < bytes.data() + bytes.size());
  CHECK(records[1].offset == 1002);
  CHECK(records[1].timestamp_ms == 800);
  CHECK(records[1].key.data() == nullptr);
  CHECK(records[1].value.size() == 300);
  CHECK(records[2].offset == 1300);
  CHECK(records[2].key.data() != nullptr);
  CHECK(records[2].key.empty());
  CHECK(records[2].value.data() == nullptr);
  CHECK_FALSE(batches.next(batch));
  CHECK(batches.trouble().empty());
}

TEST_CASE("times are the log's where the broker appended them") {
  BatchText text = three_records();
  text.header.log_append_time = true;
  const Bytes bytes = test::batch_bytes(text);
  Batch batch;
  REQUIRE(BatchScan(bytes).next(batch));
  for (const auto& record : records_of(batch)) CHECK(record.timestamp_ms == 1300);
}

TEST_CASE("markers tell how a transaction ended") {
  for (const bool commit : {false, true}) {
    const Bytes bytes = test::batch_bytes(test::marker(5, 1, commit));
    Batch batch;
    REQUIRE(BatchScan(bytes).next(batch));
    CHECK(batch.header.control);
    CHECK(marker_of(records_of(batch).at(0)) == (commit ? Marker::commit : Marker::abort));
  }
  CHECK(marker_of({}) == Marker::other);
}

TEST_CASE("a scan ends where a batch is cut off, and says how far it came") {
  const Bytes one = test::batch_bytes(three_records());
  BatchText later = three_records();
  later.header.base_offset = 1301;
  const Bytes both = join({one, test::batch_bytes(later)});
  for (std::size_t size = 0; size <= both.size(); ++size) {
    const BytesView cut = BytesView(both).first(size);
    const std::size_t whole = size == both.size() ? 2 : size >= one.size() ? 1 : 0;
    std::size_t found = 0;
    BatchScan batches(cut);
    for (Batch batch; batches.next(batch);) ++found;
    REQUIRE(found == whole);
    REQUIRE(batches.trouble().empty());
    const auto after = offset_after(cut);
    REQUIRE(after.has_value() == (whole > 0));
    if (after) REQUIRE(*after == (whole == 2 ? 1602 : 1301));
  }
}

TEST_CASE("old message formats and impossible headers are named") {
  const auto trouble_with = [](std::size_t at, std::initializer_list<int> values) {
    Bytes bytes = test::batch_bytes(three_records());
    for (const int value : values) bytes[at++] = static_cast<std::byte>(value);
    BatchScan batches(bytes);
    Batch batch;
    CHECK_FALSE(batches.next(batch));
    CHECK_FALSE(offset_after(bytes));
    return batches.trouble();
  };
  CHECK(trouble_with(16, {1}) == "message format v1");
  CHECK(trouble_with(16, {0}) == "message format v0");
  CHECK(trouble_with(0, {0xff}) == "a record batch with impossible offsets");
  CHECK(trouble_with(8, {0xff}) == "a negative batch size");
  CHECK(trouble_with(8, {0, 0, 0, 20}) == "a record batch shorter than its header");
  CHECK(trouble_with(23, {0xff}) == "a record batch with impossible offsets");
}

TEST_CASE("records that differ from what their header says are not sound") {
  const auto sound = [](const auto& change) {
    BatchText text = three_records();
    const auto reported = static_cast<std::int32_t>(text.records.size());
    change(text);
    const Bytes bytes = test::batch_bytes(text);
    Batch batch;
    REQUIRE(BatchScan(bytes).next(batch));
    batch.record_count = reported;
    RecordScan scan(batch, batch.records);
    for (LogRecord record; scan.next(record);) continue;
    return scan.sound();
  };
  CHECK(sound([](BatchText&) {}));
  CHECK_FALSE(sound([](BatchText& text) { text.records.pop_back(); }));
  CHECK_FALSE(sound([](BatchText& text) { text.records[1].offset_delta = 0; }));
  CHECK_FALSE(sound([](BatchText& text) { text.records[0].offset_delta = -1; }));
  CHECK_FALSE(sound([](BatchText& text) { text.header.last_offset = 1299; }));
}

TEST_CASE("every bit that the checksum covers counts") {
  const Bytes good = test::batch_bytes(three_records());
  for (std::size_t bit = 21 * 8; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    Batch batch;
    if (BatchScan(bytes).next(batch)) REQUIRE_FALSE(crc_holds(batch));
  }
}

TEST_CASE("damaged logs are scanned to some end, whatever they hold") {
  const Bytes good = mixed_log();
  Decompressor decompress;
  const Seen whole = scan_all(good, decompress);
  REQUIRE(whole.batches == 6);
  REQUIRE(whole.good_crcs == 6);
  REQUIRE(whole.sound == 6);
  REQUIRE(whole.records == 201);
  boost::random::mt19937 random(20261121);
  const auto below = [&](std::size_t end) {
    return boost::random::uniform_int_distribution<std::size_t>(0, end - 1)(random);
  };
  std::uint64_t noticed = 0;
  constexpr int rounds = 3000;
  for (int round = 0; round < rounds; ++round) {
    Bytes bytes = good;
    for (std::size_t flips = 1 + below(4); flips > 0; --flips) {
      bytes[below(bytes.size())] ^= static_cast<std::byte>(1U << below(8));
    }
    if (round % 3 == 0) bytes.resize(below(bytes.size()));
    const Seen seen = scan_all(bytes, decompress);
    noticed += seen.good_crcs < 6 ? 1 : 0;
  }
  CHECK(noticed > rounds * 9 / 10);  // base offset and leader epoch are under no checksum
}
