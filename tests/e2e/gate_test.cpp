// A gate as a CI job runs it: its four ends with their exit codes, and going on after it was
// killed. What is compared are counts, which no noise of the machine touches.
#include <csignal>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using nlohmann::json;
using test::contains;

constexpr const char* counted = R"(name: counted
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 400/s, count: 100}}
phases: {warmup: {at_least: 0s, at_most: 0s}, measure: 400ms}
gate: {metrics: [acked]}
expect: [{that: acked_lost == 0}]
)";

struct Gate {
  Folder folder;
  std::string scenario = folder.with("counted.yaml", counted);
  std::string out = (folder / "results").string();

  [[nodiscard]] std::vector<std::string> with(std::vector<std::string> more) const {
    std::vector<std::string> all{"gate", scenario, "--out", out};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] json record() const { return record_of(latest_run(folder / "results")); }
};

TEST_CASE("a gate of a thing with itself passes, and says what it would have seen") {
  const Gate gate;
  const Ended ended = seatrial(gate.with({"--candidate", "workloads.produce.count=100"}));
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  const json record = gate.record();
  CHECK(record.at("gate").at("outcome") == "pass");
  CHECK(record.at("gate").at("pairs").size() == 10);
  CHECK(record.at("verdict").at("overall") == "pass");
  CHECK(contains(ended.out, "PASS"));
  CHECK(contains(read_file(latest_run(gate.folder / "results") / "report.html"), "id=\"gate\""));
}

TEST_CASE("a gate fails with 1 where the candidate is worse") {
  const Gate gate;
  const Ended ended = seatrial(gate.with({"--candidate", "workloads.produce.count=50"}));
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 1);
  CHECK(gate.record().at("gate").at("outcome") == "fail");
  CHECK(contains(ended.out, "workloads.produce.count: as in the scenario -> 50"));
}

TEST_CASE("a killed gate goes on with the pair it was in") {
  const Gate gate;
  Harness first(
      {.arguments = gate.with({"--candidate", "workloads.produce.count=100"}), .environment = {}});
  REQUIRE(first.wait_for("trial 6 of at most"));
  first.signal(SIGKILL);
  REQUIRE(first.wait().by_signal == SIGKILL);
  const json cut = gate.record();
  const auto run = latest_run(gate.folder / "results");
  const Ended on =
      seatrial(gate.with({"--candidate", "workloads.produce.count=100", "--resume", run.string()}));
  INFO(on.out << on.err);
  CHECK(on.exit_code == 0);
  const json whole = gate.record();
  CHECK(latest_run(gate.folder / "results") == run);
  CHECK(whole.at("trials").at(0) == cut.at("trials").at(0));
  CHECK(whole.at("trials").size() == 20);
  const Ended other =
      seatrial(gate.with({"--candidate", "workloads.produce.count=90", "--resume", run.string()}));
  CHECK(other.exit_code == 3);
  CHECK(contains(other.err, "compared other sides"));
  const Ended looks = seatrial(gate.with(
      {"--candidate", "workloads.produce.count=100", "--budget", "6m", "--resume", run.string()}));
  CHECK(looks.exit_code == 3);
  CHECK(contains(looks.err, "other looks"));
}

TEST_CASE("what cannot be compared is an error before anything starts") {
  const Gate gate;
  const auto refused = [&](const std::vector<std::string>& more) {
    const Ended ended = seatrial(gate.with(more));
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 3);
    CHECK_FALSE(std::filesystem::exists(gate.folder / "results"));
    return ended.err;
  };
  CHECK(contains(refused({"--candidate", "workloads.produce.cuont=1"}), "the gate's candidate"));
  CHECK(contains(refused({"--candidate", "workloads.produce.count=1", "--budget", "3s"}),
                 "too small for one look"));
  CHECK(contains(refused({"--candidate", "workloads.produce.count=1", "--budget", "soon"}),
                 "--budget"));
  CHECK(
      contains(refused({"--candidate", "workloads.produce.count=1", "--repeat", "4"}), "--repeat"));
  CHECK(contains(refused({"--candidate", "cluster.kind=local"}), "one kind of cluster"));
}

TEST_CASE("a stored run stands in for a baseline, of the same scenario alone") {
  const Gate gate;
  const std::string stored = (gate.folder / "stored").string();
  REQUIRE(seatrial({"run", gate.scenario, "--out", stored, "--repeat", "6"}).exit_code == 0);
  const std::string run = latest_run(stored).string();
  const auto against = [&](const std::string& candidate) {
    return seatrial(gate.with({"--candidate", candidate, "--against", run}));
  };
  const Ended same = against("workloads.produce.count=100");
  INFO(same.out << same.err);
  CHECK(same.exit_code == 0);
  CHECK(contains(same.out, "weaker than pairs"));
  CHECK(against("workloads.produce.count=50").exit_code == 1);
  const std::string other = gate.folder.with(
      "other.yaml",
      std::string(counted).replace(0, std::string("name: counted").size(), "name: o"));
  const Ended refused = seatrial({"gate", other, "--candidate", "seed=2", "--against", run});
  INFO(refused.err);
  CHECK(refused.exit_code == 3);
  CHECK(contains(refused.err, "its scenario was counted"));
}

TEST_CASE("two runs stand side by side, in the terminal and on a page, without a verdict") {
  const Folder folder;
  const std::string scenario = folder.with("counted.yaml", counted);
  std::vector<std::string> runs;
  for (const char* count : {"100", "120"}) {
    const auto out = folder / ("results-" + std::string(count));
    const Ended ended = seatrial({"run", scenario, "--out", out.string(), "--set",
                                  "workloads.produce.count=" + std::string(count)});
    REQUIRE(ended.exit_code == 0);
    runs.push_back(latest_run(out).string());
  }
  const std::string page = (folder / "compare.html").string();
  const Ended ended = seatrial({"compare", runs[0], runs[1], "--out", page});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(contains(ended.out, "has no verdict"));
  CHECK(contains(read_file(page), "side by side"));
  CHECK(seatrial({"compare", runs[0]}).exit_code == 3);
  CHECK(seatrial({"compare", runs[0], scenario}).exit_code == 3);
}

TEST_CASE("the plan of a gate says its pairs and what they detect, and starts nothing") {
  const Gate gate;
  const Ended ended = seatrial({"plan", gate.scenario});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(contains(ended.out, "looks after 10, 16 and 24"));
  CHECK(contains(ended.out, "detects"));
}

}  // namespace
}  // namespace seatrial::e2e
