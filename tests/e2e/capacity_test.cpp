// A search as a user types it, on the mock: an answer, a kill that it survives, and what is refused
// before anything starts. The target is a rate that the load itself has, so its limit is known.
#include <csignal>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using nlohmann::json;
using test::contains;

constexpr const char* brief = R"(name: brief
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads:
  produce:
    kind: producer
    topic: orders
    rate: 400/s
    properties: {linger.ms: 100}  # beside which the lateness of a busy machine is small
phases: {warmup: {at_least: 0s, at_most: 0s}, measure: 400ms}
)";

struct Searched {
  Folder folder;
  std::string scenario = folder.with("brief.yaml", brief);

  [[nodiscard]] std::vector<std::string> with(std::vector<std::string> more) const {
    std::vector<std::string> all{"capacity", scenario, "--out", (folder / "results").string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] json record() const { return record_of(latest_run(folder / "results")); }
};

const std::vector<std::string> limit{"--slo", "throughput <= 1000/s", "--width", "50%"};

std::vector<std::string> limited(std::vector<std::string> more) {
  std::vector<std::string> all = limit;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST_CASE("a search says beforehand how long it takes, and answers with an interval") {
  const Searched searched;
  const Ended ended = seatrial(searched.with(limited({"--over", "partitions=1,2"})));
  INFO(ended.out << ended.err);
  CHECK(contains(ended.out, "at most"));
  CHECK(contains(ended.out, "the mock's capacity says nothing about Kafka's"));
  CHECK(contains(ended.out, "so far"));
  const json record = searched.record();
  const json& searches = record.at("capacity").at("searches");
  REQUIRE(searches.size() == 2);
  for (const json& search : searches) {
    INFO(search.dump(1));
    CHECK(search.at("phase") == "ended");
    // On a machine that is busy otherwise a bound may stay unknown, but none is ever false.
    CHECK(search.value("lower_per_s", 0.0) <= 1000);
    CHECK(search.value("upper_per_s", 1e9) > 1000);
    const bool bounded = search.contains("lower_per_s") || search.contains("upper_per_s");
    CHECK((bounded || contains(search.value("reason", ""), "undecided")));
  }
  CHECK(record.at("verdict").at("exit_code") == ended.exit_code);
  CHECK(seatrial({"report", latest_run(searched.folder / "results").string()}).exit_code == 0);
}

TEST_CASE("a killed search goes on with the load that it was at") {
  const Searched searched;
  Harness first({.arguments = searched.with(limit), .environment = {}});
  REQUIRE(first.wait_for("trial 4 of at most"));
  first.signal(SIGKILL);
  REQUIRE(first.wait().by_signal == SIGKILL);
  const json cut = searched.record();
  const auto run = latest_run(searched.folder / "results");
  const Ended on = seatrial(searched.with(limited({"--resume", run.string()})));
  INFO(on.out << on.err);
  const json whole = searched.record();
  CHECK(latest_run(searched.folder / "results") == run);
  CHECK(whole.at("trials").at(0) == cut.at("trials").at(0));
  CHECK(whole.at("capacity").at("searches").at(0).at("phase") == "ended");
  const Ended other = seatrial(
      searched.with({"--slo", "throughput <= 900/s", "--width", "50%", "--resume", run.string()}));
  CHECK(other.exit_code == 3);
  CHECK(contains(other.err, "other targets"));
}

TEST_CASE("what no search can answer is an error before anything starts") {
  const Searched searched;
  const auto refused = [&](const std::vector<std::string>& more) {
    const Ended ended = seatrial(searched.with(more));
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 3);
    CHECK_FALSE(std::filesystem::exists(searched.folder / "results"));
    return ended.err;
  };
  CHECK(contains(refused({}), "--slo"));
  CHECK(contains(refused({"--slo", "throughput >= 800/s"}), "low loads keep"));
  CHECK(contains(refused(limited({"--over", "partition=1,2"})), "did you mean 'partitions'"));
  CHECK(contains(refused(limited({"--over", "replication=1,3"})), "the search at replication=3"));
  CHECK(contains(refused(limited({"--budget", "3s"})), "too small"));
  CHECK(contains(refused(limited({"--width", "200%"})), "--width"));
  CHECK(contains(refused(limited({"--set", "workloads.produce.rate=max"})), "closed loop"));
  CHECK(contains(refused(limited({"--repeat", "3"})), "--repeat"));
}

}  // namespace
}  // namespace seatrial::e2e
