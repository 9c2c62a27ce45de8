// What a ledger knows of offsets: its tables against plain maps, oddities as they come, and the
// judgements that the audit makes of both.
#include "ledger/offsets.hpp"

#include <map>
#include <random>
#include <vector>

#include "ledger/ledger.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

using seatrial::test::p0;

using seatrial::test::range;

// One lane with one stream, and messages settled one by one.
struct Bench {
  Ledger ledger{{{LaneId{0}, "produce", "orders", 1, 1000}}};
  LaneLedger lane = ledger.lane(0);
  std::int64_t history_offset = 0;
  void ack(std::int64_t offset) { lane.settle(lane.open(0, 0), Outcome::acked, offset); }
  [[nodiscard]] StreamHistory history() const { return ledger.snapshot().front(); }
  [[nodiscard]] StreamOffsets offsets() const { return ledger.offsets().front(); }
};

// A stream whose sequences were acked at 100 + sequence, with tables as a ledger makes them.
struct Told {
  StreamHistory stream;
  StreamOffsets offsets;
  std::vector<OffsetSum> found;
  explicit Told(std::uint64_t messages) {
    Bench bench;
    for (std::uint64_t i = 0; i < messages; ++i) bench.ack(static_cast<std::int64_t>(100 + i));
    stream = bench.history();
    offsets = bench.offsets();
  }
  // The audit found [from, to) of the sequences, where they were acked plus `shift`.
  void find(std::uint64_t from, std::uint64_t to, std::int64_t shift = 0) {
    stream.present.insert(from, to);
    for (std::uint64_t seq = from; seq < to; ++seq) {
      const auto offset = static_cast<std::int64_t>(100 + seq) + shift;
      const auto block = static_cast<std::uint64_t>(offset) >> offsets.sum_shift;
      if (block >= found.size()) found.resize(block + 1);
      found[block].add(offset, seq);
    }
  }
  void compare(bool ambiguous = false, std::int64_t log_start = 0) {
    compare_offsets(stream, offsets, found, ambiguous, log_start, {});
  }
};

}  // namespace

TEST_CASE("tables of offsets hold what a map of all messages holds", "[offsets]") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 10; ++round) {
    Bench bench;
    std::map<std::uint64_t, std::int64_t> acked;
    std::int64_t offset = 0;
    const std::uint64_t stride = 1 + random() % 300'000;  // far apart: the tables fold
    for (std::uint64_t seq = 0; seq < 2000; ++seq) {
      if (random() % 10 == 0) {
        bench.lane.settle(bench.lane.open(0, 0), Outcome::failed, -1);
        continue;
      }
      offset += static_cast<std::int64_t>(1 + random() % stride);
      bench.ack(acked[seq] = offset);
    }
    const StreamOffsets reported = bench.offsets();
    CAPTURE(round, reported.sum_shift);
    std::map<std::uint64_t, OffsetSum> sums;
    for (const auto& [seq, at] : acked) {
      const OffsetSpan& span = reported.spans.at(seq >> reported.span_shift);
      REQUIRE((span.lowest_plus_1 <= at + 1 && at + 1 <= span.highest_plus_1));
      sums[static_cast<std::uint64_t>(at) >> reported.sum_shift].add(at, seq);
    }
    for (std::size_t i = 0; i < reported.sums.size(); ++i) REQUIRE(reported.sums[i] == sums[i]);
    REQUIRE(sums.rbegin()->first < reported.sums.size());
  }
}

TEST_CASE("a span is as wide as the offsets of its sequences", "[offsets]") {
  Bench bench;
  for (const std::int64_t offset : {7, 9, 8}) bench.ack(offset);
  const auto spans = bench.offsets().spans;
  REQUIRE(spans.size() == 1);
  CHECK(spans[0] == OffsetSpan{8, 10});
}

TEST_CASE("an ack without an offset is in no table", "[offsets]") {
  Bench bench;
  bench.ack(-1);
  bench.ack(0);
  CHECK(bench.offsets().without_offset == 1);
  CHECK(bench.offsets().sums.at(0).count == 1);
  CHECK(bench.history().acked == range(0, 2));
  CHECK(bench.history().nonmonotonic_send.count == 0);
}

TEST_CASE("offsets that go down within a stream are nonmonotonic", "[offsets]") {
  Bench bench;
  for (const std::int64_t offset : {5, 6, 4, 7, 7}) bench.ack(offset);
  const Sightings found = bench.history().nonmonotonic_send;
  REQUIRE(found.count == 2);
  CHECK(found.examples[0].seq == Seq{2});
  CHECK(found.examples[0].offset == 4);
  CHECK(found.examples[0].where == p0);
  CHECK(found.examples[0].note == "acked out of order: its stream had an ack at offset 6");
  CHECK(found.examples[1].seq == Seq{4});
}

TEST_CASE("messages that settle out of turn keep to the order of their offsets", "[offsets]") {
  Bench bench;
  std::vector<SlotIndex> slots;
  for (int i = 0; i < 4; ++i) slots.push_back(bench.lane.open(0, 0));
  bench.lane.settle(slots[2], Outcome::acked, 12);
  bench.lane.settle(slots[0], Outcome::acked, 10);
  CHECK(bench.history().nonmonotonic_send.count == 0);
  bench.lane.settle(slots[1], Outcome::acked, 13);  // behind the one that was sent after it
  CHECK(bench.history().nonmonotonic_send.count == 1);
  bench.lane.settle(slots[3], Outcome::acked, 14);
  CHECK(bench.history().nonmonotonic_send.count == 1);
  CHECK(bench.history().offset_reuse.count == 0);
  CHECK(bench.history().max_acked_offset == 14);
}

TEST_CASE("an offset acked before a message was sent cannot be its own", "[offsets]") {
  Bench bench;
  const SlotIndex early = bench.lane.open(0, 0);
  bench.ack(20);
  bench.lane.settle(early, Outcome::acked, 19);  // sent before offset 20 was acked
  CHECK(bench.history().offset_reuse.count == 0);
  const SlotIndex late = bench.lane.open(0, 0);
  bench.lane.settle(late, Outcome::acked, 20);
  bench.ack(3);
  const Sightings found = bench.history().offset_reuse;
  REQUIRE(found.count == 2);
  CHECK(found.examples[0].seq == Seq{2});
  CHECK(found.examples[0].note == "when it was sent, its stream had an ack at offset 20");
  CHECK(found.examples[1].offset == 3);
}

TEST_CASE("counts of odd offsets go on beyond the examples kept", "[offsets]") {
  Bench bench;
  bench.ack(1000);
  for (int i = 0; i < 50; ++i) bench.ack(5);
  CHECK(bench.history().offset_reuse.count == 50);
  CHECK(bench.history().offset_reuse.examples.size() == max_examples);
}

TEST_CASE("what was acked below the log's start has expired, and the rest has not", "[offsets]") {
  // Sequence s stands at offset 100 + s; spans of 16: the log starts within that of [32, 48).
  Told reported(100);
  SECTION("the cut leaves open what stands before the first that is present") {
    reported.stream.present = range(40, 100);
    reported.stream.present.erase(60, 61);
    report_expired(reported.stream, reported.offsets, 140);
    CHECK(reported.stream.expired == range(0, 32));
    CHECK(reported.stream.maybe_expired == range(32, 40));
  }
  SECTION("nothing of the span is present") {
    reported.stream.present = range(48, 100);
    report_expired(reported.stream, reported.offsets, 140);
    CHECK(reported.stream.maybe_expired == range(32, 48));
  }
  SECTION("a start on the edge leaves nothing open") {
    reported.stream.present = range(48, 100);
    report_expired(reported.stream, reported.offsets, 148);
    CHECK(reported.stream.expired == range(0, 48));
    CHECK(reported.stream.maybe_expired.empty());
  }
  SECTION("an offset that does not ascend: the whole span is open") {
    reported.stream.present = range(40, 100);
    reported.stream.nonmonotonic_send.count = 1;
    reported.stream.present.erase(45, 46);
    report_expired(reported.stream, reported.offsets, 140);
    IntervalSet open = range(32, 40);
    open.insert(45);
    CHECK(reported.stream.maybe_expired == open);
  }
  SECTION("acks without offsets: nothing is sure") {
    reported.offsets.without_offset = 1;
    report_expired(reported.stream, reported.offsets, 148);
    CHECK(reported.stream.expired.empty());
    CHECK(reported.stream.maybe_expired == range(0, 48));
  }
  SECTION("a log from its beginning") {
    report_expired(reported.stream, reported.offsets, 0);
    CHECK(reported.stream.expired.empty());
    CHECK(reported.stream.maybe_expired.empty());
  }
}

TEST_CASE("messages found where they were acked agree", "[offsets]") {
  Told reported(2000);
  reported.find(0, 2000);
  reported.compare();
  CHECK(reported.stream.offset_blocks == 9);  // offsets 100 to 2099 in blocks of 256
  CHECK(reported.stream.offset_blocks_undecided == 0);
  CHECK(reported.stream.inconsistent_offset.count == 0);
}

TEST_CASE("messages found elsewhere are inconsistent", "[offsets]") {
  Told reported(2000);
  SECTION("within the block") {
    reported.find(0, 500);
    reported.find(501, 502, -1);
    reported.find(500, 501, 1);
    reported.find(502, 2000);
    reported.compare();
    REQUIRE(reported.stream.inconsistent_offset.count == 1);
    CHECK(reported.stream.inconsistent_offset.examples[0].offset == 512);
  }
  SECTION("in another block") {
    reported.find(0, 500);
    reported.find(500, 501, 5000);
    reported.find(501, 2000);
    reported.compare();
    CHECK(reported.stream.inconsistent_offset.count == 1);  // a message, though two blocks differ
  }
  SECTION("many of them: the surplus of each block counts, not the blocks") {
    reported.find(0, 500);
    reported.find(500, 540, 5000);
    reported.find(540, 2000);
    reported.compare();
    CHECK(reported.stream.inconsistent_offset.count == 40);
  }
  SECTION("even beside a lost one: as many as were acked, and not the same") {
    reported.find(1, 300);
    reported.find(300, 301, 1);
    reported.find(302, 2000);
    reported.find(301, 302, 3000);
    reported.compare();
    // Block 0 lacks the lost message alone; the others differ with as many or more.
    CHECK(reported.stream.offset_blocks_undecided == 2);
    CHECK(reported.stream.inconsistent_offset.count == 1);
  }
}

TEST_CASE("a block that something else explains is undecided", "[offsets]") {
  Told reported(2000);
  SECTION("a lost message") {
    reported.find(0, 500);
    reported.find(501, 2000);
    reported.compare();
    CHECK(reported.stream.offset_blocks_undecided == 1);
  }
  SECTION("duplicates or damage") {
    reported.find(0, 500);
    reported.find(500, 501, 5000);
    reported.find(501, 2000);
    reported.compare(true);
    CHECK(reported.stream.offset_blocks_undecided == 2);
  }
  SECTION("a lane that died while it wrote") {
    reported.offsets.torn = true;
    reported.find(0, 2000);
    reported.found[3].count -= 1;
    reported.compare();
    CHECK(reported.stream.offset_blocks_undecided == 1);
  }
  SECTION("outcomes dropped") {
    reported.stream.outcomes_dropped = 1;
    reported.find(0, 1999);
    reported.stream.present.insert(1999);
    reported.compare();
    CHECK(reported.stream.offset_blocks_undecided == 1);
  }
  SECTION("the log's start") {
    reported.find(500, 2000);
    report_expired(reported.stream, reported.offsets, 600);
    reported.compare(false, 600);
    CHECK(reported.stream.offset_blocks == 7);
    CHECK(reported.stream.offset_blocks_undecided == 1);
  }
  CHECK(reported.stream.inconsistent_offset.count == 0);
}

TEST_CASE("memory grows with gaps and with nothing else", "[offsets]") {
  Bench bench;
  const auto feed = [&bench](int messages, int gaps) {
    for (int i = 0; i < messages; ++i) {
      const bool gap = gaps > 0 && i % (messages / gaps) == 0;
      bench.lane.settle(bench.lane.open(0, i), gap ? Outcome::unknown : Outcome::acked,
                        bench.history_offset++);
    }
  };
  feed(5'000'000, 100);
  const std::uint64_t before = bench.ledger.resident_bytes();
  CHECK(before < 16 << 20);
  feed(5'000'000, 0);
  // The tables have filled one buffer; the other takes as much, once.
  CHECK(bench.ledger.resident_bytes() - before < 8 << 20);
}
