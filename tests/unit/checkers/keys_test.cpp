// The checkers of compaction and retention over tiny histories written by hand.
#include <string>
#include <vector>

#include "checkers/keys.hpp"
#include "checkers/retention.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"
#include "unit/checkers/one_checker.hpp"

using namespace seatrial;
using namespace seatrial::checkers;

namespace {

constexpr KeyState none = 0;
constexpr KeyState tombstone_read = key_state(0, true);
constexpr KeyState value(std::uint64_t version) { return key_state(version, false); }
constexpr KeyState tombstone(std::uint64_t version) { return key_state(version, true); }

using seatrial::test::run_checker;

TEST_CASE("a key is judged by its last acked version and what was in doubt after it") {
  using enum KeyVerdict;
  struct Case {
    KeyState acked, found;
    KeyedHistory::Doubt doubt;
    KeyVerdict verdict;
  };
  const std::vector<Case> cases{
      {none, none, {}, fine},
      {none, value(3), {3, false}, fine},
      {value(5), value(5), {}, fine},
      {value(5), value(4), {}, lost},
      {value(5), none, {}, lost},
      {value(5), tombstone_read, {}, lost},
      {value(5), value(6), {6, false}, fine},
      {value(5), none, {6, true}, fine},
      {value(5), tombstone_read, {6, true}, fine},
      {value(5), tombstone_read, {6, false}, lost},
      {value(5), tombstone_read, {4, true}, lost},  // in doubt, but before
      {tombstone(5), tombstone_read, {}, fine},
      {tombstone(5), none, {}, fine},
      {tombstone(5), value(4), {}, resurrected},
      {tombstone(5), value(6), {6, false}, fine},
  };
  for (const Case& c : cases) {
    INFO("acked " << c.acked << ", found " << c.found << ", doubt " << c.doubt.version);
    CHECK(judge_key(c.acked, c.found, &c.doubt) == c.verdict);
    if (c.doubt.version == 0) CHECK(judge_key(c.acked, c.found, nullptr) == c.verdict);
  }
}

History keyed() {
  History h;
  PartitionHistory partition;
  partition.where = {"table", 0};
  partition.complete = true;
  h.partitions = {partition};
  KeyedHistory keys;
  keys.workload = "upsert";
  keys.topic = "table";
  keys.first_key = 1;
  keys.key_step = 2;
  keys.partition = {0, 0, 0};
  keys.acked = {value(3), tombstone(4), value(1)};
  keys.found = {value(3), none, value(1)};
  keys.read = true;
  h.keyed = {keys};
  h.contract.workloads["upsert"] = {"all", true, 5};
  h.contract.min_insync_replicas["table"] = 2;
  h.contract.replication["table"] = 3;
  h.contract.unclean_leader_election["table"] = false;
  h.contract.retention["table"] = {.deletes = false, .compacts = true};
  return h;
}

TEST_CASE("keys that fell back are counted by partition, and named") {
  History h = keyed();
  CHECK(run_checker(h, "latest-value-lost").empty());
  CHECK(run_checker(h, "tombstone-resurrected").empty());
  h.keyed[0].found = {value(2), value(3), none};
  const auto lost = run_checker(h, "latest-value-lost");
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].count == 2);
  CHECK(lost[0].workload == "upsert");
  CHECK(lost[0].where == TopicPartition{"table", 0});
  CHECK(lost[0].allowance == Allowance::violation);
  REQUIRE(lost[0].examples.size() == 2);
  CHECK(lost[0].examples[1].note == "key 5: acked version 1, the log's last is nothing");
  const auto back = run_checker(h, "tombstone-resurrected");
  REQUIRE(back.size() == 1);
  CHECK(back[0].count == 1);
  CHECK(back[0].examples[0].note.starts_with("key 3: acked a tombstone as version 4"));

  SECTION("expected where a late retry may overwrite") {
    h.contract.workloads["upsert"] = {"all", false, 5};
    CHECK(run_checker(h, "latest-value-lost")[0].allowance == Allowance::expected);
  }
  SECTION("expected where loss is") {
    h.contract.workloads["upsert"] = {"1", true, 5};
    CHECK(run_checker(h, "latest-value-lost")[0].allowance == Allowance::expected);
  }
  SECTION("a replica that was away for longer than tombstones are kept may undo a deletion") {
    CHECK(run_checker(h, "tombstone-resurrected")[0].allowance == Allowance::violation);
    h.longest_out_of_sync[{"table", 0}] = seconds(4);
    CHECK(run_checker(h, "tombstone-resurrected")[0].allowance ==
          Allowance::violation);  // kept for -1
    h.contract.retention["table"].delete_retention_ms = 4000;
    CHECK(run_checker(h, "tombstone-resurrected")[0].allowance == Allowance::violation);
    h.contract.retention["table"].delete_retention_ms = 3999;
    const auto undone = run_checker(h, "tombstone-resurrected");
    CHECK(undone[0].allowance == Allowance::expected);
    CHECK(undone[0].why.find("out of sync for 4 s") != std::string::npos);
    h.longest_out_of_sync = {{{"table", 1}, seconds(9)}};
    CHECK(run_checker(h, "tombstone-resurrected")[0].allowance == Allowance::violation);
    CHECK(run_checker(h, "latest-value-lost")[0].allowance == Allowance::violation);
  }
  SECTION("no claim of a log that was not read, or not observed") {
    h.keyed[0].read = false;
    CHECK(run_checker(h, "latest-value-lost").empty());
    h.keyed[0].read = true;
    h.partitions[0].complete = false;
    CHECK(run_checker(h, "latest-value-lost").empty());
  }
}

TEST_CASE("tombstone-removed-early: a deletion forgotten before delete.retention.ms") {
  const auto at = [](int second) { return from_ns(second * 1'000'000'000LL); };
  History h = keyed();
  h.contract.retention["table"].delete_retention_ms = 10'000;
  h.keyed[0].acked_sent = {at(1), at(5), at(2)};
  h.keyed[0].read_at = at(14);
  const auto early = run_checker(h, "tombstone-removed-early");
  REQUIRE(early.size() == 1);
  CHECK(early[0].count == 1);
  CHECK(early[0].workload == "upsert");
  CHECK(early[0].where == TopicPartition{"table", 0});
  CHECK(early[0].allowance == Allowance::violation);
  CHECK(early[0].examples[0].note ==
        "key 3: acked a tombstone as version 4, the log's last is "
        "nothing");

  SECTION("not once it may have been old enough") {
    h.keyed[0].read_at = at(15);
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
  SECTION("not while it is there") {
    h.keyed[0].found[1] = tombstone_read;
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
  SECTION("not if an older value is back: that is tombstone-resurrected") {
    h.keyed[0].found[1] = value(3);
    CHECK(run_checker(h, "tombstone-removed-early").empty());
    CHECK(run_checker(h, "tombstone-resurrected").size() == 1);
  }
  SECTION("not if a later version may have come after it") {
    h.keyed[0].doubtful[1] = {.version = 5, .tombstone = false};
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
  SECTION("not if nobody knows when it was sent, or when the log was read") {
    h.keyed[0].read_at = {};
    CHECK(run_checker(h, "tombstone-removed-early").empty());
    h.keyed[0].read_at = at(14);
    h.keyed[0].acked_sent.clear();
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
  SECTION("not without a limit that is known, nor where retention deletes as well") {
    h.contract.retention["table"].delete_retention_ms = -1;
    CHECK(run_checker(h, "tombstone-removed-early").empty());
    h.contract.retention["table"].delete_retention_ms = 10'000;
    h.contract.retention["table"].deletes = true;
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
  SECTION("not of a log that was not read from its first record") {
    h.partitions[0].log_start = 1;
    CHECK(run_checker(h, "tombstone-removed-early").empty());
  }
}

LogExtent look(int second, std::int64_t start, std::int64_t end) {
  const Instant at = from_ns(second * 1'000'000'000LL);
  return {.asked = at, .answered = at + milliseconds(10), .log_start = start, .log_end = end};
}

// 100 messages a second for 20 s; what is older than `kept` seconds is gone.
History retained(int kept, std::int64_t retention_ms) {
  History h;
  RetentionHistory log;
  log.where = {"orders", 0};
  log.timestamp_lag = milliseconds(100);
  for (int s = 0; s <= 20; ++s) {
    log.extents.push_back(look(s, std::max(0, (s - kept) * 100), s * 100));
  }
  h.retention = {log};
  h.contract.retention["orders"] = {.retention_ms = retention_ms,
                                    .retention_bytes = -1,
                                    .segment_ms = 1000,
                                    .check_interval_ms = 500,
                                    .initial_delay_ms = 200,
                                    .replica_lag_time_ms = 400};
  return h;
}

TEST_CASE("deleted-too-early: a record that was surely younger than retention.ms is gone") {
  // At each look offset (s - kept) * 100 - 1 is gone, appended after the look before.
  CHECK(run_checker(retained(6, 5000), "deleted-too-early").empty());
  const auto early = run_checker(retained(3, 5000), "deleted-too-early");
  REQUIRE(early.size() == 1);
  CHECK(early[0].count == 1);
  CHECK(early[0].allowance == Allowance::violation);
  CHECK(early[0].why.find("at most 4.11 s") != std::string::npos);

  History h = retained(3, 5000);
  SECTION("no claim if retention.bytes may have done it") {
    h.contract.retention["orders"].retention_bytes = 1000;
    CHECK(run_checker(h, "deleted-too-early").empty());
  }
  SECTION("no claim if records may have waited long before their append") {
    h.retention[0].timestamp_lag = seconds(2);
    CHECK(run_checker(h, "deleted-too-early").empty());
    h.retention[0].timestamp_lag = nanoseconds(-1);
    CHECK(run_checker(h, "deleted-too-early").empty());
  }
  SECTION("no claim of what was there before anybody looked") {
    for (auto& extent : h.retention[0].extents) extent.log_end = 5000;
    CHECK(run_checker(h, "deleted-too-early").empty());
  }
}

TEST_CASE("deleted-too-late: a record that was surely too old is still there") {
  // Its bound is 2 s + 1 s + 2 x 0.5 s + 0.2 s + 2 x 0.4 s, and 10 s for a busy machine.
  CHECK(run_checker(retained(14, 2000), "deleted-too-late").empty());
  const auto late = run_checker(retained(17, 2000), "deleted-too-late");
  REQUIRE(late.size() == 1);
  CHECK(late[0].allowance == Allowance::violation);
  CHECK(late[0].why.find("15 s") != std::string::npos);
  CHECK(run_checker(retained(17, -1), "deleted-too-late").empty());  // kept for ever

  History h = retained(17, 2000);
  SECTION("no claim while nobody could delete") {
    h.unavailability = {{{"orders", 0}, from_ns(0), from_ns(3'000'000'000)}};
    CHECK(run_checker(h, "deleted-too-late").empty());
    h.unavailability[0].where.partition = 1;
    CHECK(run_checker(h, "deleted-too-late").size() == 1);
    h.longest_out_of_sync[{"orders", 0}] = seconds(3);
    CHECK(run_checker(h, "deleted-too-late").empty());
  }
  SECTION("no claim if a setting is not known") {
    h.contract.retention["orders"].initial_delay_ms = -1;
    CHECK(run_checker(h, "deleted-too-late").empty());
  }
}

}  // namespace
