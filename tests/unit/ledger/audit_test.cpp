// The audit: a synthetic log with one flaw yields that flaw alone, and random logs yield what a
// slow reference says.
#include "ledger/audit.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "ledger/identity.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

namespace {

constexpr std::uint32_t tag = 0x7ea51ab1;
using seatrial::test::p0;
const TopicPartition p1{"orders", 1};

using Value = std::vector<std::byte>;

using seatrial::test::range;

Value message(std::uint32_t stream, std::uint64_t seq, std::uint32_t of_trial = tag) {
  Value value(100, static_cast<std::byte>(seq));
  stamp(value, {of_trial, StreamId{stream}, Seq{seq}, static_cast<std::int64_t>(seq) * 1000});
  return value;
}

// Streams 0 and 1 write partition 0, stream 2 writes partition 1; all acked.
std::vector<StreamHistory> streams(std::uint64_t opened = 10) {
  std::vector<StreamHistory> out(3);
  for (std::uint32_t i = 0; i < 3; ++i) {
    out[i].stream = StreamId{i};
    out[i].workload = "produce";
    out[i].where = i == 2 ? p1 : p0;
    out[i].opened = opened;
    out[i].acked = range(0, opened);
  }
  return out;
}

// Partition 0 of a trial without any flaw: ten messages of stream 0 and ten of stream 1,
// interleaved.
std::vector<Value> clean_log() {
  std::vector<Value> log;
  for (std::uint64_t i = 0; i < 10; ++i) {
    log.push_back(message(0, i));
    log.push_back(message(1, i));
  }
  return log;
}

void observe_one(Audit& audit, const TopicPartition& where, const LogBatch& batch,
                 const LogRecord& record) {
  audit.observe(where, batch, {&record, 1});
}

// Views of values that live as long as the call.
void observe(Audit& audit, std::int64_t offset, const Value& value,
             const TopicPartition& where = p0) {
  observe_one(audit, where, {}, {.offset = offset, .key = {}, .value = value});
}

History audit(const std::vector<Value>& log, std::vector<StreamHistory> reported = streams()) {
  Audit audit(tag, std::move(reported));
  const auto end = static_cast<std::int64_t>(log.size());
  audit.expect(p0, 0, end);
  audit.expect(p1, 0, 0);
  for (std::size_t i = 0; i < log.size(); ++i) {
    observe(audit, static_cast<std::int64_t>(i), log[i]);
  }
  audit.complete(p0);
  audit.complete(p1);
  History history;
  audit.finish(history);
  return history;
}

// Counts of partition 0: absent, duplicate, reordered, phantom, corrupt.
std::vector<std::uint64_t> flaws(const History& history) {
  std::uint64_t absent = 0;
  for (const auto& s : history.streams) {
    if (s.where == p0) absent += s.acked.minus(s.present).count();
  }
  const PartitionHistory& p = history.partitions.at(0);
  return {absent, p.duplicate.count, p.reordered.count, p.phantom.count, p.corrupt.count};
}

using Flaws = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a clean log has no flaw", "[audit]") {
  const History history = audit(clean_log());
  CHECK(flaws(history) == Flaws{0, 0, 0, 0, 0});
  REQUIRE(history.partitions.size() == 2);
  CHECK(history.partitions[0].where == p0);
  CHECK(history.partitions[0].complete);
  CHECK(history.partitions[0].incomplete_reason.empty());
  CHECK(history.partitions[0].messages_read == 20);
  CHECK(history.partitions[0].log_end == 20);
  CHECK(history.streams.at(0).present == range(0, 10));
  CHECK(history.streams.at(2).present.empty());
}

TEST_CASE("a message removed is absent, and nothing else", "[audit]") {
  for (std::size_t i = 0; i < 20; ++i) {
    auto log = clean_log();
    log.erase(log.begin() + static_cast<std::ptrdiff_t>(i));
    CAPTURE(i);
    const History history = audit(log);
    CHECK(flaws(history) == Flaws{1, 0, 0, 0, 0});
    const StreamHistory& of = history.streams.at(i % 2);
    CHECK(of.acked.minus(of.present) == range(i / 2, i / 2 + 1));
  }
}

TEST_CASE("a message written twice is one duplicate, and nothing else", "[audit]") {
  auto log = clean_log();
  log.insert(log.begin() + 9, log[4]);
  const History history = audit(log);
  CHECK(flaws(history) == Flaws{0, 1, 0, 0, 0});
  const auto& examples = history.partitions[0].duplicate.examples;
  REQUIRE(examples.size() == 1);
  CHECK(examples[0].stream == StreamId{0});
  CHECK(examples[0].seq == Seq{2});
  CHECK(examples[0].where == p0);
  CHECK(examples[0].offset == 9);
  CHECK_FALSE(examples[0].note.empty());
}

TEST_CASE("two messages swapped are one reordered, and nothing else", "[audit]") {
  auto log = clean_log();
  std::swap(log[6], log[8]);
  const History history = audit(log);
  CHECK(flaws(history) == Flaws{0, 0, 1, 0, 0});
  CHECK(history.partitions[0].reordered.examples.at(0).seq == Seq{3});
  CHECK(history.partitions[0].reordered.examples.at(0).offset == 8);
  // Order between streams was never promised.
  log = clean_log();
  std::swap(log[6], log[7]);
  CHECK(flaws(audit(log)) == Flaws{0, 0, 0, 0, 0});
}

TEST_CASE("a message altered by any one byte is one corrupt, and nothing else", "[audit]") {
  for (std::size_t byte = 0; byte < 100; ++byte) {
    for (const std::size_t at : {0U, 7U, 19U}) {
      auto log = clean_log();
      log[at][byte] ^= std::byte{0x01};
      CAPTURE(byte, at);
      const History history = audit(log);
      CHECK(flaws(history) == Flaws{0, 0, 0, 0, 1});
      const Example& example = history.partitions[0].corrupt.examples.at(0);
      CHECK(example.offset == static_cast<std::int64_t>(at));
      CHECK(example.stream == StreamId{static_cast<std::uint32_t>(at % 2)});
      CHECK(example.seq == Seq{at / 2});
    }
  }
}

TEST_CASE("damage does not hide the loss of another message", "[audit]") {
  auto log = clean_log();
  log[4][50] ^= std::byte{1};
  log.erase(log.begin() + 10);
  CHECK(flaws(audit(log)) == Flaws{1, 0, 0, 0, 1});
  // Damaged beside its own good copy: present once, and no duplicate.
  log = clean_log();
  log.insert(log.begin() + 4, log[4]);
  log[4][50] ^= std::byte{1};
  CHECK(flaws(audit(log)) == Flaws{0, 0, 0, 0, 1});
}

TEST_CASE("a message cut short or foreign is corrupt, and does not stand for another", "[audit]") {
  auto log = clean_log();
  log[4].resize(20);
  CHECK(flaws(audit(log)) == Flaws{1, 0, 0, 0, 1});
  log[4].clear();
  CHECK(flaws(audit(log)) == Flaws{1, 0, 0, 0, 1});
  log = clean_log();
  log.emplace_back(100, std::byte{'x'});
  CHECK(flaws(audit(log)) == Flaws{0, 0, 0, 0, 1});
}

TEST_CASE("a message nobody sent is one phantom, and nothing else", "[audit]") {
  const std::vector<std::pair<Value, std::string>> added = {
      {message(0, 10), "of a sequence that was never sent"},
      {message(3, 0), "of a stream that no lane has"},
      {message(2, 0), "of a stream that belongs to another partition"},
      {message(0, 3, tag + 1), "a message of another trial"},
  };
  for (const auto& [value, note] : added) {
    auto log = clean_log();
    log.insert(log.begin() + 5, value);
    const History history = audit(log);
    CHECK(flaws(history) == Flaws{0, 0, 0, 1, 0});
    CHECK(history.partitions[0].phantom.examples.at(0).note == note);
  }
}

TEST_CASE("counts go on beyond the examples kept", "[audit]") {
  auto log = clean_log();
  for (int i = 0; i < 50; ++i) log.push_back(message(0, 3));
  const History history = audit(log);
  CHECK(history.partitions[0].duplicate.count == 50);
  CHECK(history.partitions[0].duplicate.examples.size() == max_examples);
}

TEST_CASE("a partition is complete only if it was read so", "[audit]") {
  Audit audit(tag, streams());
  audit.expect(p0, 0, 4);
  SECTION("nobody says anything") {}
  SECTION("it was given up, and called complete afterwards") {
    audit.incomplete(p0, "time ran out");
    audit.incomplete(p0, "again");
    audit.complete(p0);
  }
  SECTION("an offset came back") {
    observe(audit, 2, message(0, 0));
    observe(audit, 1, message(0, 0));
    audit.complete(p0);
    CHECK(audit.messages_read() == 1);
  }
  SECTION("an offset below the start") {
    observe(audit, -1, message(0, 0));
    audit.complete(p0);
  }
  SECTION("the log grew") {
    observe(audit, 4, message(0, 0));
    audit.complete(p0);
  }
  History history;
  audit.finish(history);
  REQUIRE(history.partitions.size() == 2);
  CHECK_FALSE(history.partitions[0].complete);
  CHECK_FALSE(history.partitions[0].incomplete_reason.empty());
  CHECK(history.partitions[0].incomplete_reason != "again");
  CHECK(history.partitions[0].duplicate.count == 0);
  // Partition 1 has a stream, and nobody told the audit of it.
  CHECK(history.partitions[1].where == p1);
  CHECK_FALSE(history.partitions[1].complete);
}

TEST_CASE("offsets may have gaps, and the log may begin late", "[audit]") {
  Audit audit(tag, streams(2));
  audit.expect(p0, 100, 200);
  observe(audit, 110, message(0, 0));
  observe(audit, 199, message(0, 1));
  audit.complete(p0);
  History history;
  audit.finish(history);
  CHECK(history.partitions[0].complete);
  CHECK(history.streams[0].present == range(0, 2));
}

TEST_CASE("an epoch that goes down is told once for its batch", "[audit]") {
  Audit audit(tag, streams());
  audit.expect(p0, 0, 6);
  const Value value = message(0, 0);
  const auto see = [&](std::int64_t base, std::int32_t epoch, std::int64_t offset) {
    observe_one(audit, p0, {.seen = true, .base_offset = base, .leader_epoch = epoch},
                {.offset = offset, .key = {}, .value = value});
  };
  see(0, 3, 0);
  see(1, 5, 1);
  see(2, 4, 2);
  see(2, 4, 3);
  see(4, 4, 4);
  see(5, 6, 5);
  History history;
  audit.finish(history);
  const PartitionHistory& found = history.partitions.at(0);
  CHECK(found.batches_seen);
  CHECK(found.epoch_regression.count == 2);
  CHECK(found.epoch_regression.examples[0].offset == 2);
  CHECK(found.epoch_regression.examples[0].note ==
        "a batch of leader epoch 4 behind one of epoch 5");
}

TEST_CASE("markers are no messages, and what was aborted is not committed", "[audit]") {
  Audit audit(tag, streams());
  audit.expect(p0, 0, 3);
  const Value aborted = message(0, 0), committed = message(0, 1);
  observe_one(audit, p0, {.seen = true, .base_offset = 0},
              {.offset = 0, .key = {}, .value = aborted, .committed = false});
  observe_one(audit, p0, {.seen = true, .base_offset = 1, .control = true},
              {.offset = 1, .key = {}, .value = {}});
  observe_one(audit, p0, {.seen = true, .base_offset = 2},
              {.offset = 2, .key = {}, .value = committed});
  audit.complete(p0);
  History history;
  audit.finish(history);
  CHECK(history.partitions[0].complete);
  CHECK(history.partitions[0].messages_read == 2);
  CHECK(history.partitions[0].control_batches == 1);
  CHECK(history.partitions[0].aborted_messages == 1);
  CHECK(history.partitions[0].corrupt.count == 0);
  CHECK(history.streams[0].present == range(0, 2));
  CHECK(history.streams[0].committed == range(1, 2));
}

TEST_CASE("a gap is a skip only if it held what the group may read", "[audit]") {
  using Kind = OffsetGap::Kind;
  for (const bool read_committed : {false, true}) {
    CAPTURE(read_committed);
    Audit audit(tag, streams());
    audit.expect(p0, 0, 6);
    audit.watch(0, read_committed,
                {{Kind::poll_skip, p0, 1, 3},
                 {Kind::poll_skip, p0, 2, 4},  // another member's
                 {Kind::committed_beyond_delivered, p0, 5, 9},
                 {Kind::skipped, p0, 3, 4},
                 {Kind::skipped, {"orders", 7}, 0, 9}});  // not audited
    for (std::int64_t offset = 0; offset < 6; ++offset) {
      if (offset == 3) continue;
      const Value value = message(0, static_cast<std::uint64_t>(offset));
      observe_one(audit, p0, {},
                  {.offset = offset, .key = {}, .value = value, .committed = offset != 2});
    }
    History history;
    history.groups.resize(1);
    audit.finish(history);
    const GroupHistory& group = history.groups[0];
    CHECK(group.poll_skip.count == (read_committed ? 1 : 2));
    CHECK(group.poll_skip.examples.at(0).offset == 1);
    CHECK(group.poll_skip.examples.at(0).seq == Seq{1});
    CHECK(group.committed_beyond_delivered.count == 1);
    CHECK(group.skipped.count == 0);
  }
}

TEST_CASE("an audit refuses what it was not told of", "[audit]") {
  Audit audit(tag, streams());
  audit.expect(p0, 0, 1);
  CHECK_THROWS_AS(audit.expect(p0, 0, 1), InvariantBroken);
  CHECK_THROWS_AS(observe(audit, 0, {}, p1), InvariantBroken);
  auto gapped = streams();
  gapped.erase(gapped.begin());
  CHECK_THROWS_AS(Audit(tag, std::move(gapped)), InvariantBroken);
}

TEST_CASE("random logs are judged as a slow reference judges them", "[audit]") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::size_t size = random() % 60;
    std::vector<Value> log;
    std::map<std::uint32_t, std::vector<std::uint64_t>> seen;  // by stream, in log order
    std::uint64_t phantoms = 0, duplicates = 0, reordered = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto stream = static_cast<std::uint32_t>(random() % 4);
      const std::uint64_t seq = random() % 13;
      log.push_back(message(stream, seq));
      if (stream > 1 || seq >= 10) {
        ++phantoms;
        continue;
      }
      auto& before = seen[stream];
      if (std::ranges::count(before, seq) > 0) {
        ++duplicates;
      } else if (std::ranges::any_of(before, [&](auto s) { return s > seq; })) {
        ++reordered;
      }
      before.push_back(seq);
    }
    std::uint64_t absent = 20;
    for (const auto& [stream, seqs] : seen) {
      absent -= std::set<std::uint64_t>(seqs.begin(), seqs.end()).size();
    }
    REQUIRE(flaws(audit(log)) == Flaws{absent, duplicates, reordered, phantoms, 0});
  }
}
