// Lines of brokers' logs: which of them count, for what, and when they were to be expected.
#include "judge/broker_logs.hpp"

#include <sstream>

#include "judge/judge.hpp"
#include "support/catch.hpp"

namespace seatrial::judge {
namespace {

const std::string recovery =
    "[2026-11-21 06:18:12,477] INFO Recovering 10 logs from /data/broker-1 since no clean shutdown "
    "file was found (kafka.log.LogManager)\n";
const std::string first_start =
    "[2026-11-21 06:17:12,477] INFO Recovering 0 logs from /data/broker-1 since no clean shutdown "
    "file was found (kafka.log.LogManager)\n";
const std::string memory =
    "[2026-11-21 06:18:12,477] ERROR Uncaught exception in thread 'kafka-network-thread-1': "
    "java.lang.OutOfMemoryError: Java heap space\n";
const std::string election =
    "[2026-11-21 06:18:12,477] INFO [QuorumController id=101] UNCLEAN partition change for topic "
    "orders\n";
std::string election_of(const std::string& leader, const std::string& last_known) {
  return "[2026-11-21 12:31:22,314] INFO [QuorumController id=101] UNCLEAN partition change for "
         "orders-0 with topic ID _XXrZRPJQxyZ0sNjkEOZXg: isr: [] -> [" +
         leader + "], leader: -1 -> " + leader +
         ", leaderRecoveryState: RECOVERED -> RECOVERING, leaderEpoch: 2 -> 3, lastKnownElr: [" +
         last_known + "] -> [], partitionEpoch: 5 -> 6\n";
}
const std::string damaged =
    "[2026-11-21 06:18:12,477] WARN org.apache.kafka.common.errors.CorruptRecordException: Record "
    "is corrupt (stored crc = 1, computed crc = 2)\n";
const std::string lost_folder =
    "[2026-11-21 06:18:12,477] ERROR Stopping serving logs in dir /data/broker-1\n";
const std::string deadly = "[2026-11-21 06:18:12,477] FATAL [KafkaServer id=1] Exiting\n";
const std::string harmless = "[2026-11-21 06:18:12,477] INFO Kafka Server started\n";

std::vector<BrokerLogFinding> scan(const std::string& text, const BrokerLogRules& rules = {}) {
  std::istringstream log(text);
  return scan_broker_log(log, "broker-1.log", rules);
}

TEST_CASE("each kind of line is found, with its place") {
  for (const auto& [line, kind] :
       std::map<std::string, std::string>{{recovery, "unclean-recovery"},
                                          {memory, "out-of-memory"},
                                          {damaged, "corruption"},
                                          {election, "unclean-election"},
                                          {lost_folder, "log-dir-failed"},
                                          {deadly, "fatal"}}) {
    INFO(line);
    const auto found = scan(harmless + first_start + line + line);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == kind);
    CHECK(found[0].line == 3);
    CHECK(found[0].count == 2);
    CHECK(found[0].text + "\n" == line);
    CHECK(found[0].allowance == Allowance::violation);
  }
}

TEST_CASE(
    "a change that the controller calls unclean, and that elects nobody it may not, is none") {
  const std::string of_orders =
      "[2026-11-21 12:31:22,314] INFO [QuorumController id=101] UNCLEAN partition change for "
      "orders-0 with topic ID _XXrZRPJQxyZ0sNjkEOZXg: ";
  for (const std::string change :
       {"isr: [3] -> [], leader: 3 -> -1, leaderEpoch: 4 -> 5, elr: [] -> [3], lastKnownElr: [] -> "
        "[3], partitionEpoch: 6 -> 7",
        "isr: [] -> [3], leader: -1 -> 3, leaderEpoch: 5 -> 6, elr: [3] -> [], lastKnownElr: [3] "
        "-> "
        "[], partitionEpoch: 7 -> 8",
        "isr: [] -> [3], leader: -1 -> 3, leaderEpoch: 5 -> 6, elr: [2, 3] -> [2], partitionEpoch: "
        "7 -> 8",
        "leader: -1 -> 3, leaderEpoch: 5 -> 6, partitionEpoch: 7 -> 8",
        "isr: [3, 1] -> [3], leader: 1 -> 3, leaderEpoch: 5 -> 6, partitionEpoch: 7 -> 8",
        "isr: [3] -> [3, 1], leaderRecoveryState: RECOVERING -> RECOVERED, partitionEpoch: 8 -> 9"})
    CHECK(scan(of_orders + change + "\n").empty());
  const auto other = scan(of_orders +
                          "isr: [] -> [3], leader: -1 -> 3, leaderEpoch: 5 -> 6, elr: [2] -> [2], "
                          "partitionEpoch: 7 -> 8\n");
  REQUIRE(other.size() == 1);
  CHECK(other[0].kind == "unclean-election");
}

TEST_CASE("the last leader, elected again, is told from any other replica outside the ISR") {
  const auto again = scan(election_of("1", "1"));
  REQUIRE(again.size() == 1);
  CHECK(again[0].kind == "last-leader-elected");
  CHECK(again[0].allowance == Allowance::neutral);
  for (const auto& last_known : {"2", "", "11", "1, 2"}) {
    const auto other = scan(election_of("1", last_known));
    REQUIRE(other.size() == 1);
    CHECK(other[0].kind == "unclean-election");
    CHECK(other[0].allowance == Allowance::violation);
  }
}

TEST_CASE("an ordinary log yields nothing") { CHECK(scan(harmless + first_start).empty()); }

TEST_CASE("what a fault or a setting explains is expected") {
  CHECK(scan(recovery, {.ended_files = {"broker-1.log"}})[0].allowance == Allowance::expected);
  CHECK(scan(recovery, {.ended_files = {"broker-2.log"}})[0].allowance == Allowance::violation);
  CHECK(scan(damaged, {.dark_files = {"broker-1.log"}})[0].allowance == Allowance::expected);
  CHECK(scan(damaged, {.ended_files = {"broker-1.log"}})[0].allowance == Allowance::violation);
  CHECK(scan(lost_folder, {.failed_disk_files = {"broker-1.log"}})[0].allowance ==
        Allowance::expected);
  CHECK(scan(lost_folder, {.failed_disk_files = {"broker-2.log"}})[0].allowance ==
        Allowance::violation);
  CHECK(scan(damaged, {.failed_disk_files = {"broker-1.log"}})[0].allowance == Allowance::expected);
  CHECK(scan(damaged, {.failed_disk_files = {"broker-2.log"}})[0].allowance ==
        Allowance::violation);
  CHECK(scan(election, {.unclean_election_allowed = true})[0].allowance == Allowance::expected);
  CHECK(scan(memory, {.ended_files = {"broker-1.log"}, .unclean_election_allowed = true})[0]
            .allowance == Allowance::violation);
}

TEST_CASE("a scenario allows kinds, or lines by a part of their text, and no others") {
  CHECK(scan(memory, {.allowed = {"out-of-memory"}})[0].allowance == Allowance::expected);
  const auto mixed = scan(damaged + lost_folder, {.allowed = {"stored crc = 1"}});
  REQUIRE(mixed.size() == 2);
  CHECK(mixed[0].allowance == Allowance::expected);
  CHECK(mixed[1].allowance == Allowance::violation);
}

nlohmann::json recorded(const BrokerLogFinding& finding) {
  return {{"file", finding.file},
          {"line", finding.line},
          {"kind", finding.kind},
          {"why", finding.why},
          {"allowance", to_string(finding.allowance)}};
}

TEST_CASE("a line that nothing allows fails the trial, an allowed one does not") {
  nlohmann::json trial{
      {"status", "finished"},
      {"audit", {{"status", "complete"}}},
      {"workloads", {{{"name", "produce"}, {"totals", {{"intended", 1}, {"acked", 1}}}}}}};
  trial["broker_logs"] = {recorded(scan(memory, {.allowed = {"out-of-memory"}})[0])};
  CHECK(judge_trial(View(trial), {}, {}).verdict == Verdict::pass);
  trial["broker_logs"].push_back(recorded(scan(memory)[0]));
  const auto judged = judge_trial(View(trial), {}, {});
  CHECK(judged.verdict == Verdict::fail);
  CHECK(judged.reasons ==
        std::vector<std::string>{"broker-1.log:1: out-of-memory: a JVM had no memory left"});
}

TEST_CASE("every word that is looked for counts for its kind") {
  for (const auto& [words, kind] : std::map<std::string, std::string>{
           {"Stopping serving replicas in dir /data", "log-dir-failed"},
           {"Shutdown because all log dirs in /data have failed", "log-dir-failed"},
           {"Shutdown broker because the metadata log dir /data has failed", "log-dir-failed"},
           {"Exiting: none of the specified log dirs is there", "log-dir-failed"},
           {"Record is corrupt (stored crc = 1)", "corruption"},
           {"Found invalid messages in log segment 0.log", "corruption"},
           {"org.apache.kafka.CorruptSnapshotException", "corruption"},
           {"Encountered fatal fault: no quorum", "fatal"}}) {
    INFO(words);
    const auto found = scan("[2026-11-21 06:18:12,477] ERROR " + words + "\n");
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == kind);
  }
}

TEST_CASE("a line is of one kind, and lines of a kind are told apart by what allows them") {
  // What ran out of memory is the cause, that it was fatal the consequence.
  const auto both = scan("] FATAL exiting: java.lang.OutOfMemoryError\n");
  REQUIRE(both.size() == 1);
  CHECK(both[0].kind == "out-of-memory");
  const auto apart = scan(damaged + "Record is corrupt (stored crc = 9)\n" + damaged,
                          {.allowed = {"stored crc = 1"}});
  REQUIRE(apart.size() == 2);
  CHECK(apart[0].allowance == Allowance::expected);
  CHECK(apart[0].count == 2);
  CHECK(apart[1].allowance == Allowance::violation);
  CHECK(apart[1].line == 2);
  CHECK(scan("] FATAL " + std::string(1000, 'x') + "\n")[0].text.size() == 300);
}

}  // namespace
}  // namespace seatrial::judge
