// Records through a pipe that gives them in any pieces, is cut off anywhere, or holds something
// else.
#include "workers/worker_records.hpp"

#include "core/check.hpp"
#include "support/catch.hpp"

namespace seatrial::workers {
namespace {

using Kind = WorkerRecord::Kind;
using Records = std::vector<WorkerRecord>;
using Bytes = std::vector<std::byte>;

WorkerRecord delivered(std::uint64_t seq) {
  return {.kind = Kind::delivered,
          .partition = 3,
          .stream = 7,
          .generation = 2,
          .seq = seq,
          .offset = static_cast<std::int64_t>(seq) + 1000,
          .intended_ns = -5,
          .at_ns = 1'700'000'000'000'000'000,
          .text = {}};
}

WorkerRecord refused() {
  return {.kind = Kind::committed,
          .partition = 1,
          .stream = 0,
          .generation = 4,
          .seq = 0,
          .offset = 12,
          .intended_ns = 0,
          .at_ns = 9,
          .text = "UNKNOWN_MEMBER_ID"};
}

Bytes encoded(const Records& records) {
  Bytes out;
  for (const auto& record : records) encode(record, out);
  return out;
}

// Fed in pieces of `step` bytes.
Records read(RecordReader& reader, const Bytes& bytes, std::size_t step) {
  Records out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(std::span(bytes).subspan(at, std::min(step, bytes.size() - at)),
                [&](const WorkerRecord& record) { out.push_back(record); });
  }
  return out;
}

TEST_CASE("records arrive as they were sent, in whatever pieces") {
  const Records sent{delivered(0), refused(), delivered(1)};
  const Bytes bytes = encoded(sent);
  REQUIRE(bytes.size() == sent.size() * record_bytes);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, record_bytes, bytes.size()}) {
    RecordReader reader;
    CHECK(read(reader, bytes, step) == sent);
    CHECK(reader.torn() == 0);
  }
  RecordReader empty;
  CHECK(read(empty, {}, 1).empty());
}

TEST_CASE("a record cut short at the end is left out and counted, wherever it was cut") {
  const Records sent{delivered(0), delivered(1)};
  const Bytes whole = encoded(sent);
  for (std::size_t kept = record_bytes; kept < whole.size(); ++kept) {
    RecordReader reader;
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(kept));
    CHECK(read(reader, cut, cut.size()) == Records{delivered(0)});
    CHECK(reader.torn() == kept - record_bytes);
  }
}

TEST_CASE("a flipped bit anywhere, or foreign bytes, are an error and never a record") {
  const Bytes whole = encoded({delivered(5)});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes broken = whole;
    broken[at] ^= std::byte{0x10};
    RecordReader reader;
    INFO("byte " << at);
    CHECK_THROWS_AS(read(reader, broken, broken.size()), InfrastructureError);
  }
  RecordReader zeros;
  CHECK_THROWS_AS(read(zeros, Bytes(record_bytes), record_bytes), InfrastructureError);
}

TEST_CASE("a text of any length is put together again, beside another kind") {
  for (const std::size_t length : {0U, 1U, 71U, 72U, 73U, 5000U}) {
    const std::string report(length, 'r');
    Bytes bytes;
    encode_text(Kind::report_part, report, bytes);
    encode(delivered(1), bytes);
    encode_text(Kind::failure_part, "why", bytes);
    RecordReader reader;
    TextJoiner joiner;
    std::vector<std::string> texts;
    for (const auto& record : read(reader, bytes, 33)) {
      if (record.kind == Kind::delivered) continue;
      if (auto text = joiner.add(record)) texts.push_back(*text);
    }
    CHECK(texts == std::vector<std::string>{report, "why"});
  }
}

TEST_CASE("an error's name that is too long is cut, not spilt") {
  WorkerRecord long_name = refused();
  long_name.text = std::string(40, 'E');
  RecordReader reader;
  const auto got = read(reader, encoded({long_name, delivered(0)}), record_bytes);
  REQUIRE(got.size() == 2);
  CHECK(got[0].text == std::string(24, 'E'));
  CHECK(got[1] == delivered(0));
}

}  // namespace
}  // namespace seatrial::workers
