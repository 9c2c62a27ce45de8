// A whole run on the mock whose cluster takes longer to come up than it may take to get ready, as
// on a machine that fetches its brokers first. Says nothing about Kafka.
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <thread>
#include <utility>

#include "core/check.hpp"
#include "record/run_record.hpp"
#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

// Does something before it comes up, and is as it was otherwise.
class Before : public Cluster {
 public:
  Before(std::unique_ptr<Cluster> mock, std::function<void()> act)
      : mock_(std::move(mock)), act_(std::move(act)) {}
  [[nodiscard]] std::string kind() const override { return mock_->kind(); }
  void up(std::stop_token stop) override {
    act_();
    mock_->up(std::move(stop));
  }
  std::vector<std::string> down() noexcept override { return mock_->down(); }
  [[nodiscard]] std::string bootstrap() const override { return mock_->bootstrap(); }
  [[nodiscard]] std::vector<Node> nodes() const override { return mock_->nodes(); }
  [[nodiscard]] TopicMaker* topic_maker() override { return mock_->topic_maker(); }
  void collect_logs(const fs::path& dir) override { mock_->collect_logs(dir); }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override {
    return mock_->effective_config();
  }

 private:
  std::unique_ptr<Cluster> mock_;
  std::function<void()> act_;
};

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("seatrial-mock-run-" + std::to_string(getpid()));
  ~TemporaryFolder() { fs::remove_all(path); }
};

constexpr auto budget = seconds(5);

RunResult run_with(const fs::path& results, const std::function<void()>& before_up) {
  auto loaded = scenario::load({.path = "late.yaml",
                                .text = "name: late\n"
                                        "cluster: {kind: mock, brokers: 1}\n"
                                        "topics: {orders: {partitions: 1, replication: 1}}\n"
                                        "workloads: {produce: {kind: producer, topic: orders, "
                                        "rate: 100/s}}\n"
                                        "phases: {warmup: {at_least: 100ms, at_most: 100ms}, "
                                        "measure: 200ms}\n",
                                .settings = {},
                                .names = {},
                                .environment = {}});
  REQUIRE(loaded.plan);
  loaded.plan->trials.front().cluster.start_budget = budget;
  RunSetting setting{.plan = *loaded.plan,
                     .kind = *ClusterKinds::instance().find("mock"),
                     .kind_reason = "a test",
                     .results = results,
                     .command = "",
                     .progress = [](const auto&, const auto&) {},
                     .wrap = [=](std::unique_ptr<Cluster> mock) -> std::unique_ptr<Cluster> {
                       return std::make_unique<Before>(std::move(mock), before_up);
                     }};
  return run_plan(setting, {});
}

TEST_CASE("the time to get ready begins when the cluster is up", "[light]") {
  const TemporaryFolder folder;
  const RunResult result = run_with(folder.path, [] { std::this_thread::sleep_for(budget); });
  const nlohmann::json trial = test::document(result.record).at("trials").at(0);
  INFO(trial.value("error", ""));
  CHECK(trial.at("status") == "finished");
}

TEST_CASE("a broken invariant ends the run and leaves a record that says so", "[light]") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(run_with(folder.path, [] { check(false, "two and two are four"); }),
                  InvariantBroken);
  const auto record = record::load_record(folder.path / "latest");
  REQUIRE(record);
  CHECK(fs::exists(folder.path / "latest" / "run.json"));
  const nlohmann::json whole = test::document(record->record);
  CHECK(whole.at("partial") == true);
  CHECK(whole.at("verdict").at("overall") == "unknown");
  CHECK(whole.at("verdict").at("exit_code") == 4);
  CHECK(whole.at("trials").at(0).at("error") == "invariant broken: two and two are four");
}

// Refuses what its brokers were told, as brokers do that read it when they start.
class Picky final : public Before {
 public:
  Picky(std::unique_ptr<Cluster> mock, const std::string& words)
      : Before(std::move(mock), [words] { throw InfrastructureError(words); }) {}
};

TEST_CASE("what brokers refuse is an error of the scenario, and the other trials go on",
          "[light]") {
  const TemporaryFolder folder;
  const auto loaded = scenario::load({.path = "picky.yaml",
                                      .text = "name: picky\n"
                                              "cluster: {kind: mock, brokers: 1,\n"
                                              "  config: {num.io.threads: \"${threads}\"}}\n"
                                              "topics: {orders: {partitions: 1}}\n"
                                              "workloads: {p: {kind: producer, topic: orders, "
                                              "rate: 100/s}}\n"
                                              "matrix: {threads: [3, 4]}\n"
                                              "repeat: 2\n"
                                              "phases: {warmup: {at_least: 100ms, at_most: "
                                              "100ms}, measure: 200ms}\n",
                                      .settings = {},
                                      .names = {},
                                      .environment = {}});
  REQUIRE(loaded.plan);
  int made = 0;
  RunSetting setting{.plan = *loaded.plan,
                     .kind = *ClusterKinds::instance().find("mock"),
                     .kind_reason = "a test",
                     .results = folder.path,
                     .command = "",
                     .progress = [](const auto&, const auto&) {},
                     .wrap = [&](std::unique_ptr<Cluster> mock) -> std::unique_ptr<Cluster> {
                       if (made++ > 0) return mock;
                       return std::make_unique<Picky>(
                           std::move(mock),
                           "x.ConfigException: Invalid value 3 for configuration num.io.threads");
                     }};
  const RunResult result = run_plan(setting, {});
  const nlohmann::json trials = test::document(result.record).at("trials");
  REQUIRE(trials.size() == 4);
  const std::string error =
      "picky.yaml:3:28: the brokers refuse this: Invalid value 3 for configuration num.io.threads";
  CHECK(trials[0].at("error") == error);
  CHECK(trials[0].at("refused") == true);
  CHECK(trials[1].at("status") == "finished");
  CHECK(trials[2].at("error") == error + " (not run: trial 1 asked for the same)");
  CHECK(trials[2].at("refused") == true);
  CHECK(trials[3].at("status") == "finished");
  CHECK(made == 3);
  CHECK(result.exit_code == 3);
  CHECK(test::document(record::load_record(result.folder)->record).at("trials").size() == 4);
}

}  // namespace
}  // namespace seatrial::run
