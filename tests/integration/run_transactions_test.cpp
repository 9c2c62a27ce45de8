// Transactions by either version of the protocol, transforms and compaction on one real broker, in
// one trial: what must be seen is seen as a whole, what was aborted, crashed or fenced is not; and
// the same transform without transactions, interrupted in the same way, repeats itself.
#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

constexpr const char* scenario_text = R"(
name: transactions-test
cluster:
  kind: local
  brokers: 1
  controllers: combined
  config: {log.cleaner.backoff.ms: 200}
topics:
  ledger: {partitions: 2}
  wired: {partitions: 2}
  source: {partitions: 2}
  once: {partitions: 2}
  again: {partitions: 2}
  table: {partitions: 1, config: {cleanup.policy: compact, segment.ms: 500,
          min.cleanable.dirty.ratio: 0.01, delete.retention.ms: 0}}
workloads:
  book: {kind: transactional, topic: ledger, lanes: 2, rate: 3/s, messages: 4, abort: 0.3,
         crash_every: 7, fence_every: 5}
  wired: {kind: transactional, engine: wire, topic: wired, lanes: 2, rate: 3/s, messages: 4,
          abort: 0.3, crash_every: 7, fence_every: 5}
  read: {kind: consumer, topic: ledger, properties: {isolation.level: read_committed}}
  read_wired: {kind: consumer, topic: wired, properties: {isolation.level: read_committed}}
  feed: {kind: producer, topic: source, rate: 100/s, properties: {acks: all}}
  once: {kind: transactional, mode: transform, input: source, topic: once, messages: 20,
         abort: 0.2, crash_every: 5}
  again: {kind: transactional, mode: transform, input: source, topic: again, messages: 20,
          exactly_once: false, crash_every: 4}
  upsert: {kind: compacted, topic: table, lanes: 2, rate: 500/s, keys: 20, tombstones: 0.2,
           properties: {enable.idempotence: true}}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 10s}
)";

json trial_of(const char* text) { return test::run_scenario(test::plan_of(text)).trial(); }

std::uint64_t found(const json& trial, const std::string& anomaly, const std::string& workload) {
  std::uint64_t count = 0;
  for (const auto& finding : trial.at("findings")) {
    if (finding.at("anomaly") != anomaly || finding.at("workload") != workload) continue;
    count += finding.at("count").get<std::uint64_t>();
  }
  return count;
}

json totals_of(const json& trial, const std::string& workload) {
  for (const auto& one : trial.at("workloads")) {
    if (one.at("name") == workload) return one.at("totals");
  }
  FAIL("no workload " << workload);
  return {};
}

TEST_CASE("transactions, transforms and compacted keys are judged right on a real broker") {
  const json trial = trial_of(scenario_text);
  INFO(trial.value("error", "") << trial.at("reasons").dump()
                                << trial.value("findings", json::array()).dump(1));
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("audit").at("status") == "complete");
  CHECK(trial.at("audit").at("undecided").empty());

  for (const char* name : {"book", "wired"}) {  // by either version of the protocol
    const json book = totals_of(trial, name);
    INFO(name << ": " << book.dump());
    CHECK(book.at("transactions_committed") > 0);
    CHECK(book.at("transactions_aborted") > 0);
    CHECK(book.at("transactions_fenced") > 0);
    CHECK(book.at("zombie_commits") > 0);
    CHECK(book.at("zombie_commits_refused") == book.at("zombie_commits"));
  }
  for (const char* anomaly : {"aborted-read", "torn", "zombie-committed", "acked-lost"}) {
    INFO(anomaly);
    for (const char* name : {"book", "wired", "once"}) CHECK(found(trial, anomaly, name) == 0);
  }
  CHECK(found(trial, "pre-committed-read", "read") == 0);
  CHECK(found(trial, "pre-committed-read", "read_wired") == 0);
  CHECK(totals_of(trial, "read_wired").at("consumed") > 0);

  CHECK(totals_of(trial, "once").at("transactions_committed") > 0);
  CHECK(found(trial, "exactly-once-violation", "once") == 0);
  CHECK(found(trial, "exactly-once-violation", "again") > 0);  // the positive control

  CHECK(found(trial, "latest-value-lost", "upsert") == 0);
  CHECK(found(trial, "tombstone-resurrected", "upsert") == 0);
  CHECK(totals_of(trial, "upsert").at("compacted_away") > 0);
  CHECK(trial.at("verdict") == "pass");
}

}  // namespace
}  // namespace seatrial::run
