// A whole run on the mock whose cluster takes longer to come up than it may take to get ready, as
// on a machine that fetches its brokers first. Says nothing about Kafka.
#include <unistd.h>

#include <filesystem>
#include <thread>
#include <utility>

#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

// Comes up late, and is as it was otherwise.
class Late final : public Cluster {
 public:
  Late(std::unique_ptr<Cluster> mock, nanoseconds by) : mock_(std::move(mock)), by_(by) {}
  [[nodiscard]] std::string kind() const override { return mock_->kind(); }
  void up(std::stop_token stop) override {
    std::this_thread::sleep_for(by_);
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
  nanoseconds by_;
};

TEST_CASE("the time to get ready begins when the cluster is up") {
  auto loaded = scenario::load({.path = "late.yaml",
                                .text = "name: late\n"
                                        "cluster: {kind: mock, brokers: 1}\n"
                                        "topics: {orders: {partitions: 1, replication: 1}}\n"
                                        "workloads: {produce: {kind: producer, topic: orders, "
                                        "rate: 100/s}}\n"
                                        "phases: {warmup: 100ms, measure: 200ms}\n",
                                .settings = {},
                                .names = {},
                                .environment = {}});
  REQUIRE(loaded.plan);
  constexpr auto budget = seconds(5);
  loaded.plan->trials.front().cluster.start_budget = budget;
  const fs::path results =
      fs::temp_directory_path() / ("seatrial-late-" + std::to_string(getpid()));
  RunSetting setting{.plan = *loaded.plan,
                     .kind = *ClusterKinds::instance().find("mock"),
                     .kind_reason = "a test",
                     .results = results,
                     .command = "",
                     .progress = [](const auto&, const auto&) {},
                     .wrap = [=](std::unique_ptr<Cluster> mock) -> std::unique_ptr<Cluster> {
                       return std::make_unique<Late>(std::move(mock), budget);
                     }};
  const RunResult result = run_plan(setting, {});
  fs::remove_all(results);
  const auto& trial = result.record.at("trials").at(0);
  INFO(trial.value("error", ""));
  CHECK(trial.at("status") == "finished");
}

}  // namespace
}  // namespace seatrial::run
