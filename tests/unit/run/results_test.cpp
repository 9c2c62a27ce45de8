// What is recorded of a trial's outcome: counts by kind, and nothing where nothing is known.
#include "run/results.hpp"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "client/fact.hpp"
#include "core/check.hpp"
#include "run/outcome.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/fake_workload.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::FakeWorkload;
using test::Ready;

// A trial's lanes have run, nothing has watched them, and the log was read by a test.
class Outcome {
 public:
  explicit Outcome(const std::vector<const FakeWorkload*>& workloads)
      : plan_(plan_of(workloads)), lanes_({.plan = plan_, .run_id = "test"}) {
    lanes_.connect(now() + seconds(90), {});
    lanes_.release(plan_.phases);
    lanes_.begin_measure(from_ns(lanes_.clock().origin_ns), plan_.phases.measure);
    lanes_.settle_producers(seconds(90), {});
    lanes_.finish_consumers(seconds(90), {});
    history.streams = lanes_.ledger().snapshot();
    for (const auto& run : lanes_.workloads()) {
      if (run.group) history.groups.push_back(run.group->history());
    }
    audit.complete = true;
  }
  [[nodiscard]] json described() {
    Sampler sampler(lanes_, watch_, journal_.own, 0);
    const Timeline timeline(plan_.timeline, {.cluster = cluster_,
                                             .watch = watch_,
                                             .journal = journal_.own,
                                             .measure_start = now(),
                                             .acked_since_measure = [] { return 0U; }});
    return describe_outcome({.plan = plan_,
                             .lanes = lanes_,
                             .sampler = sampler,
                             .timeline = timeline,
                             .history = history,
                             .findings = findings,
                             .audit = audit,
                             .falls_behind = falls_behind,
                             .failed_checkers = failed_checkers});
  }
  [[nodiscard]] json workload(std::size_t index = 0) {
    return described().at("workloads").at(index);
  }
  [[nodiscard]] const Lanes& lanes() const { return lanes_; }

  History history;
  std::vector<Finding> findings;
  AuditResult audit;
  std::map<std::string, std::string> falls_behind;
  checkers::FailedCheckers failed_checkers;

 private:
  struct OwnJournal {
    fs::path folder = fs::temp_directory_path() / ("seatrial-results-" + std::to_string(getpid()));
    record::Journal own{(fs::remove_all(folder), fs::create_directories(folder), folder)};
    ~OwnJournal() { fs::remove_all(folder); }
  };
  static scenario::TrialPlan plan_of(const std::vector<const FakeWorkload*>& workloads) {
    scenario::TrialPlan plan;
    plan.topics = {{.name = "orders", .partitions = 2, .replication = 1, .config = {}}};
    for (const auto* workload : workloads) plan.workloads.push_back(workload->plan());
    plan.phases.warmup = {.at_least = nanoseconds(0), .at_most = nanoseconds(0)};
    plan.phases.measure = milliseconds(20);
    return plan;
  }

  scenario::TrialPlan plan_;
  OwnJournal journal_;
  test::FakeCluster cluster_{1};
  kafka::ClusterWatch watch_{{}, {}};
  Lanes lanes_;
};

using Outcomes = std::vector<ledger::Outcome>;

// A lane that settles one message for each of these, and one that it does not settle for `open`.
LaneReport produce(LaneContext& lane, const Outcomes& outcomes, std::uint64_t open,
                   std::uint64_t unsent) {
  LaneReport report{.intended = outcomes.size() + open + unsent, .unsent = unsent};
  std::int64_t offset = 0;
  for (const auto outcome : outcomes)
    lane.ledger->settle(lane.ledger->open(0, 1), outcome, offset++);
  for (; open > 0; --open) static_cast<void>(lane.ledger->open(1, 1));
  report.errors[0]["_TRANSPORT"] = 1 + static_cast<std::uint64_t>(lane.index);
  report.notes = {"note " + std::to_string(lane.index)};
  report.counts["naps"] = 10 + static_cast<std::uint64_t>(lane.index);
  if (lane.index == 1) report.client_version = "librdkafka 0.0.0";
  return report;
}

FakeWorkload producer(int lanes = 1, std::uint64_t wrong = 0, double offered_per_s = 0) {
  return {"writes",
          {.traits = {.lanes = lanes, .produces = true},
           .run =
               [=](auto& lane, const Ready& ready, const auto&) {
                 using O = ledger::Outcome;
                 ready();
                 auto report = produce(lane, {O::acked, O::acked, O::failed, O::sent}, 3, 2);
                 report.intended += wrong;
                 return report;
               },
           .offered_per_s = offered_per_s}};
}

TEST_CASE("a producer's messages are counted by what became of them, over its lanes") {
  const auto writes = producer(2);
  Outcome outcome({&writes});
  const json totals = outcome.workload().at("totals");
  CHECK(totals.at("acked") == 4);
  CHECK(totals.at("failed") == 2);
  CHECK(totals.at("sent") == 2);
  CHECK(totals.at("unknown") == 6);
  CHECK(totals.at("unsent") == 4);
  CHECK(totals.at("intended") == 18);
}

std::optional<std::uint64_t> naps(const FactSource& source) {
  const auto counted = source.counts.find("naps");
  if (source.kind != "test-fake" || counted == source.counts.end()) return std::nullopt;
  return counted->second;
}
const auto registered_naps = fact<MetricSide::produced, naps>("test_naps", "of this test");

TEST_CASE("what lanes count of their own is added up for the fact that reads it") {
  const auto writes = producer(2);
  Outcome outcome({&writes});
  CHECK(outcome.workload().at("totals").at("test_naps") == 21);
}

TEST_CASE("a lane whose count does not add up is a defect of ours, and no result") {
  const auto writes = producer(1, 1);
  Outcome outcome({&writes});
  CHECK_THROWS_AS(outcome.described(), InvariantBroken);
}

TEST_CASE("errors of lanes are added up, notes are kept, and the lane that tells is asked") {
  const auto writes = producer(3);
  Outcome outcome({&writes});
  const json workload = outcome.workload();
  CHECK(workload.at("errors") ==
        json::array({{{"partition", 0}, {"error", "_TRANSPORT"}, {"count", 6}}}));
  CHECK(workload.at("notes") == json::array({"note 0", "note 1", "note 2"}));
  CHECK(workload.at("client") == "librdkafka 0.0.0");
}

TEST_CASE("what was not measured of a producer is absent, and not zero") {
  const auto writes = producer();
  Outcome outcome({&writes});
  const json workload = outcome.workload();
  CHECK(workload.at("loop") == "closed");
  for (const char* absent : {"offered_per_s", "latency_outside_faults", "falls_behind",
                             "client_library", "generator_limited", "commit_refusals", "group"}) {
    INFO(absent);
    CHECK_FALSE(workload.contains(absent));
  }
  const json described = outcome.described();
  CHECK_FALSE(described.contains("faults"));
  CHECK_FALSE(described.at("audit").contains("full_isr_after_ns"));
  CHECK_FALSE(described.at("audit").contains("reason"));
}

TEST_CASE("a load with a rate is an open loop, and its rate is that of measure") {
  const auto writes = producer(1, 0, 250);
  Outcome outcome({&writes});
  outcome.falls_behind["writes"] = "it is too slow";
  const json workload = outcome.workload();
  CHECK(workload.at("loop") == "open");
  CHECK(workload.at("offered_per_s").get<double>() == Approx(250));
  CHECK(workload.at("falls_behind") == "it is too slow");
}

FakeWorkload reader() {
  return {"reads",
          {.traits = {.quiet_time = milliseconds(1)},
           .run = [](auto& lane, const Ready& ready, const auto& stop) {
             auto report = test::idle(lane, ready, stop);
             lane.counters->consumed = 7;
             return report;
           }}};
}

TEST_CASE("a reader that was handed nothing has no lag, and what it lacks is counted") {
  const auto reads = reader();
  Outcome outcome({&reads});
  StreamHistory stream;
  stream.where = {"orders", 0};
  stream.present.insert(0, 5);
  outcome.history.streams.push_back(stream);
  outcome.history.groups.at(0).unread_reason = "nobody asked";
  const json totals = outcome.workload().at("totals");
  CHECK(totals.at("consumed") == 7);
  CHECK(totals.at("distinct") == 0);
  CHECK(totals.at("undelivered") == 5);
  CHECK(totals.at("read_to_end") == false);
  CHECK(totals.at("unread_reason") == "nobody asked");
  CHECK_FALSE(totals.contains("longest_lag_ns"));
  CHECK_FALSE(totals.contains("acked"));
}

TEST_CASE("messages of other topics are nothing that a reader lacks") {
  const auto reads = reader();
  Outcome outcome({&reads});
  StreamHistory stream;
  stream.where = {"payments", 0};
  stream.present.insert(0, 5);
  outcome.history.streams.push_back(stream);
  CHECK(outcome.workload().at("totals").at("undelivered") == 0);
}

TEST_CASE("of an audit that did not finish the record says why, and what nobody looked for") {
  const auto writes = producer();
  Outcome outcome({&writes});
  outcome.audit = {.complete = false,
                   .reason = "orders/0: time ran out",
                   .reader = kafka::Reader::librdkafka,
                   .reader_reason = "no Fetch"};
  const json audit = outcome.described().at("audit");
  CHECK(audit.at("status") == "incomplete");
  CHECK(audit.at("reason") == "orders/0: time ran out");
  CHECK(audit.at("reader_reason") == "no Fetch");
  CHECK_FALSE(audit.at("not_checked").empty());
}

TEST_CASE("what a checker that failed counts is absent from the totals, and its words are kept") {
  const auto writes = producer();
  Outcome outcome({&writes});
  outcome.failed_checkers = {{"acked-lost", "out of memory"}};
  const json audit = outcome.described().at("audit");
  CHECK(audit.at("failed_checkers").at("acked-lost") == "out of memory");
  CHECK_FALSE(audit.at("totals").contains("acked_lost"));
  CHECK(audit.at("totals").at("duplicate") == 0);
}

TEST_CASE("spans without acks stand at their partition, and the longest is told") {
  const auto writes = producer();
  Outcome outcome({&writes});
  const Instant zero = from_ns(outcome.lanes().clock().measure_ns);
  outcome.history.unavailability = {
      {{"orders", 1}, zero + seconds(1), zero + seconds(2)},
      {{"orders", 1}, zero + seconds(4), zero + seconds(7)},
  };
  const json rows = outcome.described().at("availability");
  REQUIRE(rows.size() == 2);
  CHECK(rows.at(0).at("gaps").empty());
  CHECK(rows.at(1).at("gaps").at(0).at("from_s").get<double>() == Approx(1));
  CHECK(rows.at(1).at("gaps").size() == 2);
  CHECK(rows.at(1).at("longest_ns") == 3'000'000'000);
}

TEST_CASE("a node's process is told where there is one") {
  test::FakeCluster cluster(2);
  cluster.fake.signal(NodeId(2), Signal::kill);
  const json nodes = describe_nodes(cluster);
  CHECK(nodes.at(0).at("pid") == 1);
  CHECK_FALSE(nodes.at(1).contains("pid"));
  CHECK(nodes.at(1).at("role") == "broker");
}

}  // namespace
}  // namespace seatrial::run
