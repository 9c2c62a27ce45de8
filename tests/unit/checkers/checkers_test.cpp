// Every checker over tiny histories written by hand, whole findings compared; and what the history
// cannot decide.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "checkers/check_all.hpp"
#include "checkers/common.hpp"
#include "core/registry.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::checkers;

namespace seatrial {
bool operator==(const Finding& a, const Finding& b) {
  return a.anomaly == b.anomaly && a.workload == b.workload && a.where == b.where &&
         a.count == b.count && a.allowance == b.allowance && a.examples == b.examples &&
         !a.why.empty() && a.why.back() == '.';
}
std::ostream& operator<<(std::ostream& out, const Finding& f) {
  out << f.anomaly << " of '" << f.workload << "' on " << to_string(f.where) << ": " << f.count
      << ", " << to_string(f.allowance) << ", " << f.why;
  for (const Example& e : f.examples) {
    out << "\n  stream " << e.stream.value << " seq " << e.seq.value << " offset " << e.offset
        << " on " << to_string(e.where) << ": " << e.note;
  }
  return out << '\n';
}
}  // namespace seatrial

namespace {

using seatrial::test::p0;
const TopicPartition p1{"orders", 1};

using seatrial::test::range;

StreamHistory stream(std::uint32_t id, std::uint64_t opened, const TopicPartition& where = p0,
                     const std::string& workload = "produce") {
  StreamHistory out;
  out.stream = StreamId{id};
  out.workload = workload;
  out.where = where;
  out.opened = opened;
  return out;
}

PartitionHistory read_partition(const TopicPartition& where = p0, std::int64_t log_end = 100) {
  PartitionHistory out;
  out.where = where;
  out.log_end = log_end;
  out.complete = true;
  return out;
}

// One partition, one workload with acks=all over three replicas, ten messages, acked and present.
History history() {
  History h;
  h.streams = {stream(0, 10)};
  h.streams[0].acked = range(0, 10);
  h.streams[0].present = range(0, 10);
  h.streams[0].max_acked_offset = 99;
  h.partitions = {read_partition()};
  h.contract.workloads["produce"] = {"all", false, 5};
  h.contract.min_insync_replicas["orders"] = 2;
  h.contract.replication["orders"] = 3;
  h.contract.unclean_leader_election["orders"] = false;
  return h;
}

std::vector<Finding> check_everything(const History& h) {
  FailedCheckers failed;
  auto findings = check_all(h, failed);
  CHECK(failed.empty());
  return findings;
}

Finding finding(const std::string& anomaly, std::uint64_t count, Allowance allowance,
                std::vector<Example> examples, const std::string& workload = "produce",
                const TopicPartition& where = p0) {
  return {anomaly, workload, where, count, allowance, "", std::move(examples)};
}

Example example(std::uint64_t seq, const std::string& note, std::uint32_t of = 0) {
  return {StreamId{of}, Seq{seq}, p0, -1, note};
}

}  // namespace

TEST_CASE("an empty and a clean history yield no finding", "[checkers]") {
  CHECK(check_everything({}).empty());
  CHECK(undecided({}).empty());
  CHECK(check_everything(history()).empty());
  CHECK(undecided(history()).empty());
}

TEST_CASE("every checker is registered with help and a definition", "[checkers]") {
  const std::set<std::string> expected = {"acked-lost",
                                          "sent-lost",
                                          "failed-but-present",
                                          "unacked-present",
                                          "duplicate",
                                          "reordered",
                                          "phantom",
                                          "corrupt",
                                          "log-truncation",
                                          "undecided",
                                          "unavailability",
                                          "unseen",
                                          "inconsistent-offset",
                                          "offset-reuse",
                                          "nonmonotonic-send",
                                          "nonmonotonic-poll",
                                          "poll-skip",
                                          "epoch-regression",
                                          "realtime-lag",
                                          "committed-beyond-delivered",
                                          "redelivered",
                                          "group-skipped"};
  const auto names = Registry<Checker>::instance().names();
  const std::set<std::string> registered(names.begin(), names.end());
  CHECK(std::includes(registered.begin(), registered.end(), expected.begin(), expected.end()));
  std::set<std::string> definitions;
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    CHECK_FALSE(plugin.help.empty());
    definitions.insert(plugin.make(Options{})->definition());
  }
  CHECK(definitions.size() == names.size());
}

TEST_CASE("acked-lost follows the contract", "[checkers]") {
  History h = history();
  h.streams[0].present.erase(3, 5);
  Allowance allowance = Allowance::violation;
  SECTION("acks=all, min.insync.replicas=2, replication 3: a violation") {}
  SECTION("-1 is all") { h.contract.workloads["produce"].acks = "-1"; }
  SECTION("min.insync.replicas=1") {
    h.contract.min_insync_replicas["orders"] = 1;
    allowance = Allowance::expected;
  }
  SECTION("replication 1") {
    h.contract.replication["orders"] = 1;
    allowance = Allowance::expected;
  }
  SECTION("unclean leader election") {
    h.contract.unclean_leader_election["orders"] = true;
    allowance = Allowance::expected;
  }
  SECTION("all replicas in sync lost power") {
    h.contract.lost_power = {"orders"};
    allowance = Allowance::expected;
  }
  SECTION("the same, with some messages to a flush") {
    h.contract.lost_power = {"orders"};
    h.contract.flush_messages["orders"] = 2;
    allowance = Allowance::expected;
  }
  SECTION("the same, with each message flushed: a violation") {
    h.contract.lost_power = {"orders"};
    h.contract.flush_messages["orders"] = 1;
  }
  SECTION("another topic's lost power: a violation") { h.contract.lost_power = {"payments"}; }
  SECTION("acks=1") {
    h.contract.workloads["produce"].acks = "1";
    allowance = Allowance::expected;
  }
  SECTION("deleted meanwhile") {
    h.contract.deleted_topics.insert("orders");
    allowance = Allowance::expected;
  }
  SECTION("acks=0") {
    h.contract.workloads["produce"].acks = "0";
    allowance = Allowance::expected;
  }
  const std::string note = "acked, and absent from the log";
  CHECK(check_everything(h) ==
        std::vector{finding("acked-lost", 2, allowance, {example(3, note), example(4, note)})});
  CHECK(undecided(h).empty());
}

TEST_CASE("findings are gathered per workload and partition, with ten examples", "[checkers]") {
  History h = history();
  h.partitions.push_back(read_partition(p1));
  h.contract.workloads["other"] = {"1", false, 1};
  h.streams = {stream(0, 20), stream(1, 5), stream(2, 5, p0, "other"), stream(3, 5, p1)};
  for (auto& s : h.streams) s.acked = range(0, s.opened);
  h.streams[0].present = range(8, 20);
  const auto findings = check_everything(h);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].workload == "other");
  CHECK(findings[0].count == 5);
  CHECK(findings[0].allowance == Allowance::expected);
  CHECK(findings[1].workload == "produce");
  CHECK(findings[1].where == p0);
  CHECK(findings[1].count == 13);
  REQUIRE(findings[1].examples.size() == 10);
  CHECK(findings[1].examples[7].seq == Seq{7});
  CHECK(findings[1].examples[8].stream == StreamId{1});
  CHECK(findings[2].where == p1);
  CHECK(findings[2].count == 5);
}

TEST_CASE("sent-lost is for acks=0, and expected", "[checkers]") {
  History h = history();
  h.contract.workloads["produce"].acks = "0";
  h.streams[0].acked = {};
  h.streams[0].sent = range(0, 10);
  h.streams[0].max_acked_offset = -1;
  h.streams[0].present.erase(9, 10);
  CHECK(check_everything(h) ==
        std::vector{finding("sent-lost", 1, Allowance::expected,
                            {example(9, "sent with acks=0, and absent from the log")})});
}

TEST_CASE("failed-but-present is always a violation", "[checkers]") {
  History h = history();
  h.contract.workloads["produce"].acks = "1";
  h.streams[0].opened = 12;
  h.streams[0].failed = range(10, 12);
  h.streams[0].present.insert(11);
  CHECK(check_everything(h) == std::vector{finding("failed-but-present", 1, Allowance::violation,
                                                   {example(11, "failed, and yet in the log")})});
}

TEST_CASE("a message without an outcome may be present or absent", "[checkers]") {
  History h = history();
  h.streams[0].opened = 12;
  h.streams[0].present.insert(10);
  CHECK(check_everything(h) ==
        std::vector{finding("unacked-present", 1, Allowance::neutral,
                            {example(10, "outcome unknown, and in the log")})});
  CHECK(undecided(h).empty());
}

TEST_CASE("duplicates are expected without idempotence only", "[checkers]") {
  History h = history();
  h.partitions[0].duplicate.add(example(4, "x"));
  CHECK(check_everything(h) ==
        std::vector{finding("duplicate", 1, Allowance::expected, {example(4, "x")})});
  h.contract.workloads["produce"].idempotent = true;
  CHECK(check_everything(h) ==
        std::vector{finding("duplicate", 1, Allowance::violation, {example(4, "x")})});
}

TEST_CASE("reordering is expected with several in flight and no idempotence only", "[checkers]") {
  History h = history();
  h.partitions[0].reordered.add(example(4, "x"));
  const auto with = [&](Allowance allowance) {
    return std::vector{finding("reordered", 1, allowance, {example(4, "x")})};
  };
  CHECK(check_everything(h) == with(Allowance::expected));
  h.contract.workloads["produce"].max_in_flight = 1;
  CHECK(check_everything(h) == with(Allowance::violation));
  h.partitions[0].leaders_followed = 1;  // the limit is a connection's
  CHECK(check_everything(h) == with(Allowance::expected));
  h.contract.workloads["produce"] = {"all", true, 5};
  CHECK(check_everything(h) == with(Allowance::violation));
}

TEST_CASE("where workloads share a partition only examples are attributed", "[checkers]") {
  History h = history();
  h.contract.workloads["safe"] = {"all", true, 5};
  h.streams.push_back(stream(1, 5, p0, "safe"));
  h.partitions[0].duplicate.add(example(1, "x"));
  h.partitions[0].duplicate.add(example(2, "x", 1));
  CHECK(check_everything(h) ==
        std::vector{finding("duplicate", 1, Allowance::expected, {example(1, "x")}),
                    finding("duplicate", 1, Allowance::violation, {example(2, "x", 1)}, "safe")});
  for (int i = 0; i < 20; ++i) h.partitions[0].duplicate.add(example(1, "x"));
  auto findings = check_everything(h);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].count == 9);
  CHECK(findings[1].count == 1);
  CHECK(findings[2] == finding("duplicate", 12, Allowance::neutral, {}, ""));
  h.contract.workloads["safe"].idempotent = false;
  CHECK(check_everything(h)[2] == finding("duplicate", 12, Allowance::expected, {}, ""));
}

TEST_CASE("phantom and corrupt are always violations, of no workload", "[checkers]") {
  History h = history();
  h.contract.workloads["produce"].acks = "0";
  h.partitions[0].phantom.add(example(4, "x"));
  h.partitions[0].corrupt.add(example(5, "y"));
  CHECK(check_everything(h) ==
        std::vector{finding("corrupt", 1, Allowance::violation, {example(5, "y")}, ""),
                    finding("phantom", 1, Allowance::violation, {example(4, "x")}, "")});
}

TEST_CASE("a log that ends at or below an acked offset was truncated", "[checkers]") {
  History h = history();
  CHECK(check_everything(h).empty());  // the log ends at 100, the highest acked offset is 99
  h.partitions[0].log_end = 99;
  CHECK(check_everything(h) == std::vector{finding("log-truncation", 1, Allowance::violation, {})});
  h.partitions[0].log_end = 90;
  h.contract.workloads["produce"].acks = "1";
  const auto findings = check_everything(h);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0] == finding("log-truncation", 10, Allowance::expected, {}));
  CHECK(findings[0].why.starts_with("Offset 99 was acked, and the log ends at 90."));
}

TEST_CASE("unavailability counts spans and names the longest", "[checkers]") {
  History h = history();
  h.unavailability = {{p1, from_ns(0), from_ns(2'000'000'000)},
                      {p0, from_ns(0), from_ns(100'000'000)},
                      {p0, from_ns(500'000'000), from_ns(1'000'000'000)}};
  const auto findings = check_everything(h);
  CHECK(findings == std::vector{finding("unavailability", 2, Allowance::neutral, {}, ""),
                                finding("unavailability", 1, Allowance::neutral, {}, "", p1)});
  CHECK(findings[0].why == "The longest span without an ack was 500 ms.");
}

TEST_CASE("what was not read completely is undecided, never lost and never fine", "[checkers]") {
  History h = history();
  h.streams[0].present = range(0, 6);
  h.partitions[0].log_end = 50;  // would be a truncation
  std::string reason;
  SECTION("incomplete") {
    h.partitions[0].complete = false;
    h.partitions[0].incomplete_reason = "time ran out";
    reason = "the partition was not read completely: time ran out";
    CHECK(undecided(h) == std::vector<Undecided>{{p0, "", reason}});
  }
  SECTION("not read at all") {
    h.partitions.clear();
    reason = "the partition was not read";
    CHECK(undecided(h) == std::vector<Undecided>{{p0, "", reason}});
  }
  SECTION("its beginning deleted") {
    h.partitions[0].log_start = 3;
    h.partitions[0].log_end = 100;
    reason = "the log begins at offset 3, so what is absent may have been deleted by retention";
    CHECK(undecided(h) == std::vector<Undecided>{{p0, "produce", reason}});
  }
  const std::string note = "not found, and not decided";
  const auto findings = check_everything(h);
  CHECK(findings == std::vector{finding(
                        "undecided", 4, Allowance::neutral,
                        {example(6, note), example(7, note), example(8, note), example(9, note)})});
  CHECK(findings.at(0).why == "Not decided: " + reason + ".");
}

TEST_CASE("an incomplete partition still shows what was seen", "[checkers]") {
  History h = history();
  h.partitions[0].complete = false;
  h.partitions[0].corrupt.add(example(5, "y"));
  CHECK(check_everything(h) ==
        std::vector{finding("corrupt", 1, Allowance::violation, {example(5, "y")}, "")});
  CHECK(undecided(h).size() == 1);
}

TEST_CASE("a log that begins late decides once everything acked was found", "[checkers]") {
  History h = history();
  h.partitions[0].log_start = 3;
  CHECK(undecided(h).empty());
}

TEST_CASE("what expired is not lost, and what may have is not claimed", "[checkers]") {
  History h = history();
  h.partitions[0].log_start = 3;
  h.streams[0].present = range(5, 10);
  h.streams[0].present.erase(7, 8);
  h.streams[0].offsets_known = true;
  h.streams[0].expired = range(0, 3);
  h.streams[0].maybe_expired = range(3, 5);
  CHECK(undecided(h).empty());
  const std::string note = "not found, and not decided";
  CHECK(check_everything(h) == std::vector{finding("acked-lost", 1, Allowance::violation,
                                                   {example(7, "acked, and absent from the log")}),
                                           finding("undecided", 2, Allowance::neutral,
                                                   {example(3, note), example(4, note)})});
  // Of messages sent with acks=0 no offset is known.
  h.streams[0].opened = 11;
  h.streams[0].sent = range(10, 11);
  CHECK(undecided(h).size() == 1);
}

namespace {

// A group that was handed everything of that history.
GroupHistory group_of(const History& h) {
  GroupHistory group;
  group.workload = "read";
  group.group = "readers";
  group.topic = "orders";
  group.read_to_end = true;
  for (const StreamHistory& s : h.streams) group.delivered[s.stream] = s.present;
  return group;
}

}  // namespace

TEST_CASE("unseen is what a group that read to the end was never handed", "[checkers]") {
  History h = history();
  h.streams[0].opened = 12;
  h.streams[0].failed = range(10, 11);
  h.streams[0].committed = range(0, 9);
  h.groups = {group_of(h)};
  CHECK(check_everything(h).empty());
  h.groups[0].delivered[StreamId{0}].erase(8, 10);
  const auto with = [](std::uint64_t count, Allowance allowance) {
    const std::string note = "acked, in the log, and never handed over";
    std::vector<Example> examples;
    for (std::uint64_t i = 0; i < count; ++i) examples.push_back(example(8 + i, note));
    return std::vector{finding("unseen", count, allowance, std::move(examples), "read")};
  };
  CHECK(check_everything(h) == with(2, Allowance::violation));
  SECTION("read_committed: only what was committed") {
    h.groups[0].read_committed = true;
    CHECK(check_everything(h) == with(1, Allowance::violation));
  }
  SECTION("handed nothing of a stream") {
    h.groups[0].delivered.clear();
    CHECK(check_everything(h).at(0).count == 10);
  }
  SECTION("another topic") {
    h.groups[0].topic = "other";
    CHECK(check_everything(h).empty());
  }
  SECTION("lost messages cannot be seen") {
    h.streams[0].present.erase(8, 10);
    CHECK(check_everything(h).at(0).anomaly == "acked-lost");
    CHECK(check_everything(h).size() == 1);
  }
  SECTION("not read to the end: perhaps late") {
    h.groups[0].read_to_end = false;
    h.groups[0].unread_reason = "no member read orders/0 to the log's end";
    CHECK(check_everything(h) == with(2, Allowance::neutral));
  }
  SECTION("from the end") {
    h.groups[0].from_start = false;
    CHECK(check_everything(h) == with(2, Allowance::expected));
  }
  SECTION("unclean leader election") {
    h.contract.unclean_leader_election["orders"] = true;
    CHECK(check_everything(h) == with(2, Allowance::expected));
  }
  SECTION("all replicas in sync lost power") {
    h.contract.lost_power = {"orders"};
    CHECK(check_everything(h) == with(2, Allowance::expected));
  }
  SECTION("the same, with each message flushed") {
    h.contract.lost_power = {"orders"};
    h.contract.flush_messages["orders"] = 1;
    CHECK(check_everything(h) == with(2, Allowance::violation));
  }
}

TEST_CASE("what went wrong with a group is told once, for its topic", "[checkers]") {
  struct Case {
    std::string anomaly;
    Sightings GroupHistory::*sightings;
    Allowance allowance;
  };
  const std::vector<Case> cases = {
      {"nonmonotonic-poll", &GroupHistory::nonmonotonic_poll, Allowance::violation},
      {"poll-skip", &GroupHistory::poll_skip, Allowance::violation},
      {"committed-beyond-delivered", &GroupHistory::committed_beyond_delivered,
       Allowance::violation},
      {"group-skipped", &GroupHistory::skipped, Allowance::violation},
      {"redelivered", &GroupHistory::redelivered, Allowance::expected}};
  for (const Case& c : cases) {
    CAPTURE(c.anomaly);
    History h = history();
    h.groups = {group_of(h)};
    (h.groups[0].*c.sightings).add(example(4, "x"));
    const TopicPartition all{"orders", -1};
    CHECK(check_everything(h) ==
          std::vector{finding(c.anomaly, 1, c.allowance, {example(4, "x")}, "read", all)});
    h.groups[0].at_most_once = true;
    CHECK(check_everything(h).at(0).allowance == Allowance::expected);
  }
}

TEST_CASE("a group whose gaps were not all recorded is undecided", "[checkers]") {
  History h = history();
  h.groups = {group_of(h)};
  h.groups[0].gaps_dropped = 5;
  REQUIRE(undecided(h).size() == 1);
  CHECK(undecided(h)[0].workload == "read");
}

TEST_CASE("only a lag worth telling is told", "[checkers]") {
  History h = history();
  h.groups = {group_of(h)};
  h.groups[0].longest_lag = {{p0, milliseconds(999)}, {p1, milliseconds(3500)}};
  const auto findings = check_everything(h);
  CHECK(findings == std::vector{finding("realtime-lag", 1, Allowance::neutral, {}, "read", p1)});
  CHECK(findings.at(0).why == "A message was handed over 3.5 s after it was due.");
}

TEST_CASE("odd offsets of a stream follow the contract", "[checkers]") {
  const auto allowances = [](const History& h) {
    std::map<std::string, Allowance> out;
    for (const Finding& f : check_everything(h)) out[f.anomaly] = f.allowance;
    return out;
  };
  using All = std::map<std::string, Allowance>;
  using enum Allowance;
  History h = history();
  h.streams[0].inconsistent_offset.add(example(1, "a"));
  h.streams[0].offset_reuse.add(example(2, "b"));
  h.streams[0].nonmonotonic_send.add(example(3, "c"));
  h.partitions[0].epoch_regression.add(example(4, "d"));
  // Without idempotence a retry may be overtaken.
  CHECK(allowances(h) == All{{"inconsistent-offset", violation},
                             {"offset-reuse", violation},
                             {"nonmonotonic-send", expected},
                             {"epoch-regression", violation}});
  h.contract.workloads["produce"].idempotent = true;
  CHECK(allowances(h).at("nonmonotonic-send") == violation);
  // Where loss is allowed, a log that was cut gives its offsets anew.
  h.contract.workloads["produce"].acks = "1";
  CHECK(allowances(h) == All{{"inconsistent-offset", violation},
                             {"offset-reuse", expected},
                             {"nonmonotonic-send", expected},
                             {"epoch-regression", violation}});
  // One finding for all streams of a workload on a partition.
  h = history();
  h.streams.push_back(h.streams[0]);
  h.streams[1].stream = StreamId{1};
  h.streams[0].offset_reuse.add(example(2, "b"));
  h.streams[1].offset_reuse.add(example(2, "b", 1));
  CHECK(check_everything(h) ==
        std::vector{finding("offset-reuse", 2, violation, {example(2, "b"), example(2, "b", 1)})});
}

TEST_CASE("outcomes dropped and settings not known leave a history undecided", "[checkers]") {
  History h = history();
  SECTION("dropped") { h.streams[0].outcomes_dropped = 7; }
  SECTION("no client") { h.contract.workloads.clear(); }
  SECTION("acks unheard of") { h.contract.workloads["produce"].acks = "2"; }
  SECTION("no topic") { h.contract.replication.clear(); }
  SECTION("no unclean") { h.contract.unclean_leader_election.clear(); }
  SECTION("no min.insync.replicas") { h.contract.min_insync_replicas.clear(); }
  REQUIRE(undecided(h).size() == 1);
  CHECK(undecided(h)[0].workload == "produce");
  // Without a contract a loss is neither expected nor a violation, but it is still a finding.
  h.streams[0].present.erase(0, 1);
  CHECK(check_everything(h).at(0).count == 1);
}

TEST_CASE("a checker that throws is listed, and the others still speak", "[checkers]") {
  struct Thrower final : Checker {
    [[nodiscard]] std::string definition() const override { return "throws"; }
    [[nodiscard]] std::vector<Finding> check(const History&) const override {
      throw std::runtime_error("no");
    }
  };
  Registry<Checker> checkers;
  checkers.add({"a-thrower", "throws", {}, [](const Options&) -> std::unique_ptr<Checker> {
                  return std::make_unique<Thrower>();
                }});
  checkers.add(*Registry<Checker>::instance().find("acked-lost"));
  History h = history();
  h.streams[0].present.erase(0, 1);
  FailedCheckers failed;
  const auto findings = check_all(h, failed, checkers);
  CHECK(failed == FailedCheckers{{"a-thrower", "no"}});
  CHECK(findings.size() == 1);
}

TEST_CASE("verdicts are ranked and named", "[checkers]") {
  CHECK(worst(Verdict::pass, Verdict::invalid) == Verdict::invalid);
  CHECK(worst(Verdict::unknown, Verdict::invalid) == Verdict::unknown);
  CHECK(worst(Verdict::fail, Verdict::unknown) == Verdict::fail);
  CHECK(to_string(Verdict::unknown) == "unknown");
  CHECK(to_string(Allowance::violation) == "violation");
}
