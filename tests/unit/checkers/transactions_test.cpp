// The checkers of transactions over tiny histories written by hand: each anomaly alone, and what
// must not be claimed.
#include <string>
#include <vector>

#include "checkers/check_all.hpp"
#include "checkers/transactions.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"
#include "unit/checkers/one_checker.hpp"

using namespace seatrial;
using namespace seatrial::checkers;

namespace {

using Outcome = TransactionHistory::Outcome;

using seatrial::test::range;

PartitionHistory whole(const TopicPartition& where) {
  PartitionHistory out;
  out.where = where;
  out.log_end = 1000;
  out.messages_read = 100;
  out.complete = true;
  out.batches_seen = true;
  return out;
}

StreamHistory stream(std::uint32_t id, std::int32_t partition) {
  StreamHistory out;
  out.stream = StreamId{id};
  out.workload = "txn";
  out.where = {"orders", partition};
  out.opened = 20;
  out.acked = out.present = range(0, 20);
  return out;
}

TransactionHistory transaction(std::uint64_t number, Outcome outcome, std::uint64_t begin,
                               std::uint64_t end) {
  TransactionHistory out;
  out.workload = "txn";
  out.number = number;
  out.outcome = outcome;
  for (const std::uint32_t s : {0U, 1U}) out.writes.push_back({StreamId{s}, begin, end});
  return out;
}

// Two partitions, one lane: messages 0-4 of each are transaction 0, committed; 5-9 are 1, aborted;
// 10-14 are 2, unknown and seen; 15-19 are 3, unknown and not seen.
History transactional_history() {
  History h;
  h.streams = {stream(0, 0), stream(1, 1)};
  for (auto& s : h.streams) {
    s.committed = range(0, 5);
    s.committed.insert(10, 15);
  }
  h.partitions = {whole({"orders", 0}), whole({"orders", 1})};
  h.transactions = {
      transaction(0, Outcome::committed, 0, 5), transaction(1, Outcome::aborted, 5, 10),
      transaction(2, Outcome::unknown, 10, 15), transaction(3, Outcome::unknown, 15, 20)};
  h.contract.workloads["txn"] = {"all", true, 5};
  h.contract.min_insync_replicas["orders"] = 2;
  h.contract.replication["orders"] = 3;
  h.contract.unclean_leader_election["orders"] = false;
  return h;
}

using seatrial::test::run_checker;

Finding only(const History& h, const std::string& name) {
  const auto findings = run_checker(h, name);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].anomaly == name);
  CHECK_FALSE(findings[0].why.empty());
  return findings[0];
}

TEST_CASE("transactions that were seen as they ended yield no finding") {
  for (const auto* name : {"aborted-read", "torn", "pre-committed-read", "zombie-committed",
                           "exactly-once-violation", "g0", "g1c"}) {
    INFO(name);
    CHECK(run_checker(transactional_history(), name).empty());
    CHECK(run_checker(History{}, name).empty());
  }
}

TEST_CASE("aborted-read counts the messages of aborted transactions that are committed") {
  History h = transactional_history();
  h.streams[1].committed.insert(6, 8);
  const Finding found = only(h, "aborted-read");
  CHECK(found.count == 2);
  CHECK(found.workload == "txn");
  CHECK(found.where == TopicPartition{"orders", 1});
  CHECK(found.allowance == Allowance::violation);
  REQUIRE(found.examples.size() == 2);
  CHECK(found.examples[0].seq == Seq{6});

  SECTION("not where the batches were not seen: nobody knows what is committed") {
    h.partitions[1].batches_seen = false;
    CHECK(run_checker(h, "aborted-read").empty());
  }
  SECTION("not where compaction may have taken the others") {
    h.contract.retention["orders"].compacts = true;
    CHECK(run_checker(h, "aborted-read").empty());
  }
  SECTION("not of a fenced producer: that is zombie-committed") {
    h.transactions[1].zombie = true;
    CHECK(run_checker(h, "aborted-read").empty());
    const Finding zombie = only(h, "zombie-committed");
    CHECK(zombie.count == 1);
    CHECK(zombie.allowance == Allowance::violation);
  }
}

TEST_CASE("torn counts transactions that are seen in part") {
  History h = transactional_history();
  SECTION("committed, and one message is withheld") {
    h.streams[1].committed.erase(3, 4);
    const Finding found = only(h, "torn");
    CHECK(found.count == 1);
    CHECK(found.allowance == Allowance::violation);
    CHECK(found.where == TopicPartition{"orders", 1});
    REQUIRE(found.examples.size() == 1);
    CHECK(found.examples[0].seq == Seq{3});
  }
  SECTION("committed, and nothing of it is seen") {
    for (auto& s : h.streams) s.committed.erase(0, 5);
    CHECK(only(h, "torn").count == 1);
  }
  SECTION("in doubt, and seen on one partition only") {
    h.streams[0].committed.insert(15, 20);
    CHECK(only(h, "torn").count == 1);
  }
  SECTION("what was never acked may be missing") {
    h.streams[1].acked.erase(3, 4);
    h.streams[1].committed.erase(3, 4);
    CHECK(run_checker(h, "torn").empty());
  }
  SECTION("what was deleted is not missing") {
    h.streams[1].committed.erase(3, 4);
    h.streams[1].maybe_expired = range(3, 4);
    CHECK(run_checker(h, "torn").empty());
  }
  SECTION("what is lost where loss is allowed is expected") {
    h.streams[1].committed.erase(3, 4);
    h.streams[1].present.erase(3, 4);
    h.contract.replication["orders"] = 1;
    CHECK(only(h, "torn").allowance == Allowance::expected);
    h.streams[0].committed.erase(3, 4);  // this one is in the log, and withheld
    const auto findings = run_checker(h, "torn");
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].allowance == Allowance::violation);
  }
}

TEST_CASE("pre-committed-read needs a group under read_committed and a message never committed") {
  History h = transactional_history();
  GroupHistory group;
  group.workload = "read";
  group.group = "readers";
  group.topic = "orders";
  group.read_committed = true;
  group.delivered[StreamId{0}] = range(0, 7);
  h.groups = {group};
  const Finding found = only(h, "pre-committed-read");
  CHECK(found.count == 2);
  CHECK(found.workload == "read");
  CHECK(found.allowance == Allowance::violation);
  h.groups[0].read_committed = false;
  CHECK(run_checker(h, "pre-committed-read").empty());
}

TEST_CASE("pre-committed-read: handed over before the commit was asked for, committed or not") {
  History h = transactional_history();
  GroupHistory group;
  group.workload = "read";
  group.group = "readers";
  group.topic = "orders";
  group.read_committed = true;
  group.delivered[StreamId{0}] = range(0, 5);
  group.delivered[StreamId{0}].insert(10, 15);
  // 0 to 2 early, 3 and 4 when it was asked for; of the unknown one 10 and 11 early.
  group.handed_over[StreamId{0}] = {
      {0, 3, from_ns(90)}, {3, 5, from_ns(100)}, {8, 12, from_ns(190)}, {12, 15, from_ns(250)}};
  h.groups = {group};
  CHECK(run_checker(h, "pre-committed-read").empty());  // nobody knows when commits were asked for
  h.transactions[0].commit_asked = from_ns(100);
  h.transactions[2].commit_asked = from_ns(200);
  const Finding found = only(h, "pre-committed-read");
  CHECK(found.count == 5);
  CHECK(found.workload == "read");
  CHECK(found.allowance == Allowance::violation);
  REQUIRE(found.examples.size() == 1);
  CHECK(found.examples[0].seq == Seq{0});
  CHECK(found.examples[0].note.find("before its commit was asked for") != std::string::npos);

  SECTION("whoever reads the log afterwards, and however") {
    h.partitions[0].batches_seen = false;
    CHECK(only(h, "pre-committed-read").count == 5);
  }
  SECTION("a message is counted once, also if its transaction was aborted") {
    h.streams[0].committed.erase(0, 2);
    CHECK(only(h, "pre-committed-read").count == 5);
  }
  SECTION("not under read_uncommitted") {
    h.groups[0].read_committed = false;
    CHECK(run_checker(h, "pre-committed-read").empty());
  }
  SECTION("not by the times of other workloads' transactions") {
    for (auto& t : h.transactions) t.workload = "other";
    CHECK(run_checker(h, "pre-committed-read").empty());
  }
}

TEST_CASE("zombie-committed: a fenced producer's success is one, seen or not") {
  History h = transactional_history();
  h.transactions[0].zombie = true;
  CHECK(only(h, "zombie-committed").count == 1);
  h.transactions[0].outcome = Outcome::aborted;
  CHECK(only(h, "zombie-committed").count == 1);  // its messages are committed
  for (auto& s : h.streams) s.committed.erase(0, 5);
  CHECK(run_checker(h, "zombie-committed").empty());
}

History transformed() {
  History h;
  h.partitions = {whole({"input", 0}), whole({"orders", 0})};
  TransformHistory t;
  t.workload = "transform";
  t.group = "g";
  t.input = "input";
  t.output = "orders";
  t.offsets_known = true;
  TransformInput input;
  input.where = {"input", 0};
  input.committed_offset = 10;
  input.readable = range(0, 15);
  input.readable.erase(4, 5);  // a marker
  input.transformed = range(0, 10);
  input.transformed.erase(4, 5);
  t.inputs = {input};
  h.transforms = {t};
  return h;
}

TEST_CASE("exactly-once-violation counts inputs with other than one output") {
  const std::string name = "exactly-once-violation";
  History h = transformed();
  CHECK(run_checker(h, name).empty());
  TransformInput& input = h.transforms[0].inputs[0];
  SECTION("twice") {
    input.twice.add({StreamId{0}, Seq{3}, {"orders", 0}, 77, "again"});
    const Finding found = only(h, name);
    CHECK(found.count == 1);
    CHECK(found.allowance == Allowance::violation);
    h.transforms[0].transactional = false;
    CHECK(only(h, name).allowance == Allowance::expected);
  }
  SECTION("skipped below the committed offset") {
    input.transformed.erase(7, 9);
    CHECK(only(h, name).count == 2);
  }
  SECTION("done, but not below the committed offset") {
    input.transformed.insert(10, 11);
    CHECK(only(h, name).count == 1);
  }
  SECTION("made of what no reader is given") {
    input.transformed.insert(4, 5);
    CHECK(only(h, name).count == 1);
  }
  SECTION("no claim without the group's offsets, or of a log that was not read") {
    input.transformed.erase(7, 9);
    h.transforms[0].offsets_known = false;
    CHECK(run_checker(h, name).empty());
    h.transforms[0].offsets_known = true;
    h.partitions[1].complete = false;
    CHECK(run_checker(h, name).empty());
    h.partitions[1].complete = true;
    h.partitions[0].log_start = 3;
    CHECK(run_checker(h, name).empty());
  }
}

// A transaction with messages at these offsets of partitions 0 and 1, from first to last.
TransactionHistory at_offsets(std::uint32_t lane, std::int64_t first0, std::int64_t last0,
                              std::int64_t first1, std::int64_t last1) {
  TransactionHistory out;
  out.workload = "txn";
  out.lane = LaneId{lane};
  out.outcome = Outcome::committed;
  out.writes = {{StreamId{2 * lane}, 0, 1, first0, last0},
                {StreamId{2 * lane + 1}, 0, 1, first1, last1}};
  return out;
}

History two_lanes(const TransactionHistory& a, const TransactionHistory& b) {
  History h;
  for (std::uint32_t s = 0; s < 4; ++s) h.streams.push_back(stream(s, s % 2 == 0 ? 0 : 1));
  h.transactions = {a, b};
  return h;
}

TEST_CASE("g0 finds transactions that wrote before each other") {
  SECTION("one after the other") {
    CHECK(
        run_checker(two_lanes(at_offsets(0, 0, 4, 0, 4), at_offsets(1, 5, 9, 5, 9)), "g0").empty());
  }
  SECTION("crossed over two partitions") {
    const Finding found =
        only(two_lanes(at_offsets(0, 0, 4, 5, 9), at_offsets(1, 5, 9, 0, 4)), "g0");
    CHECK(found.count == 2);
    CHECK(found.allowance == Allowance::neutral);
  }
  SECTION("interleaved on one partition") {
    CHECK(only(two_lanes(at_offsets(0, 0, 9, 0, 1), at_offsets(1, 3, 4, 2, 3)), "g0").count == 2);
  }
  SECTION("one of them was aborted") {
    History h = two_lanes(at_offsets(0, 0, 4, 5, 9), at_offsets(1, 5, 9, 0, 4));
    h.transactions[1].outcome = Outcome::aborted;
    CHECK(run_checker(h, "g0").empty());
  }
}

TEST_CASE("g1c finds circles of consumed writes") {
  History h = two_lanes(at_offsets(0, 0, 4, 0, 4), at_offsets(1, 5, 9, 5, 9));
  h.transactions[1].reads = {{StreamId{0}, 0, 1}};  // the second consumed the first
  CHECK(run_checker(h, "g1c").empty());
  SECTION("each consumed the other") {
    h.transactions[0].reads = {{StreamId{2}, 0, 1}};
    const Finding found = only(h, "g1c");
    CHECK(found.count == 2);
    CHECK(found.allowance == Allowance::violation);
  }
  SECTION("closed by the order of writes") {
    h.transactions[1].writes[0].first_offset = h.transactions[1].writes[0].last_offset = -1;
    h.transactions[0].writes[1] = {StreamId{1}, 0, 1, 20, 24};  // after the second's
    const Finding found = only(h, "g1c");
    CHECK(found.count == 2);
    CHECK(found.allowance == Allowance::neutral);
  }
}

TEST_CASE("a chain as long as a run has no circle, and does not exhaust the stack") {
  constexpr std::size_t length = 200'000;
  TransactionGraph graph;
  graph.edges.resize(length);
  for (std::size_t i = 0; i + 1 < length; ++i) graph.edges[i].push_back({i + 1, {}, {}});
  auto component = components(graph, Edges::all);
  CHECK(component.front() == length - 1);
  CHECK(component.back() == 0);
  graph.edges.back().push_back({0, TransactionGraph::Kind::wr, {}});
  component = components(graph, Edges::all);
  CHECK(component.front() == component.back());
  CHECK(components(graph, Edges::ww).front() != components(graph, Edges::ww).back());
}

}  // namespace
