// A run that was killed goes on where it was, and one that ended takes more repeats.
#include <csignal>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using nlohmann::json;

constexpr const char* three_trials = R"(name: resumed
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}
phases: {warmup: {at_least: 100ms, at_most: 100ms}, measure: 1s}
repeat: 3
)";

TEST_CASE("a killed run goes on where it was, and takes more repeats") {
  const Folder folder;
  const std::string scenario = folder.with("resumed.yaml", three_trials);
  const std::string out = (folder / "results").string();
  Harness first({.arguments = {"run", scenario, "--out", out, "--label", "commit=1f2e", "--label",
                               "branch=old"},
                 .environment = {}});
  REQUIRE(first.wait_for("trial 2 of 3  measure"));
  first.signal(SIGKILL);
  REQUIRE(first.wait().by_signal == SIGKILL);
  const auto results = latest_run(folder / "results");
  const json cut = record_of(results);
  REQUIRE(cut.at("trials").at(0).at("status") == "finished");

  CHECK(cut.at("planned").size() == 3);

  const Ended on = seatrial(
      {"run", scenario, "--out", out, "--resume", results.string(), "--label", "branch=new"});
  INFO(on.out << on.err);
  CHECK(on.exit_code == 0);
  CHECK(latest_run(folder / "results") == results);
  const json whole = record_of(results);
  CHECK(whole.at("partial") == false);
  CHECK(whole.at("labels") == json({{"branch", "new"}, {"commit", "1f2e"}}));
  CHECK(test::contains(on.out, "branch=new, commit=1f2e"));
  CHECK(test::contains(read_file(results / "report.html"), ">branch</th><td>new</td>"));
  REQUIRE(whole.at("trials").size() == 3);
  CHECK(whole.at("trials").at(0) == cut.at("trials").at(0));
  for (const auto& trial : whole.at("trials")) CHECK(trial.at("verdict") == "pass");

  const Ended more = seatrial({"run", scenario, "--repeat", "4", "--resume", results.string()});
  CHECK(more.exit_code == 0);
  const json four = record_of(results);
  REQUIRE(four.at("trials").size() == 4);
  CHECK(four.at("labels") == whole.at("labels"));
  CHECK(four.at("planned").size() == 4);
  CHECK(four.at("trials").at(2) == whole.at("trials").at(2));

  const Ended other =
      seatrial({"run", scenario, "--repeat", "4", "--seed", "9", "--resume", results.string()});
  CHECK(other.exit_code == 3);
  CHECK(other.err.find("trial 0 was another one") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::e2e
