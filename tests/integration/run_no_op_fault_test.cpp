// A fault that does nothing: the run is INVALID, never green. A real broker whose processes no
// longer hear; beside it the same run with good ears, which shows that nothing else is wrong.
#include <filesystem>
#include <set>
#include <utility>

#include "run/runner.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Passes everything on, save what is asked of the processes.
class Deaf final : public Cluster, private Processes {
 public:
  explicit Deaf(std::unique_ptr<Cluster> real) : real_(std::move(real)) {}
  [[nodiscard]] std::string kind() const override { return real_->kind(); }
  void up(std::stop_token stop) override { real_->up(std::move(stop)); }
  std::vector<std::string> down() noexcept override { return real_->down(); }
  [[nodiscard]] std::string bootstrap() const override { return real_->bootstrap(); }
  [[nodiscard]] std::vector<Node> nodes() const override { return real_->nodes(); }
  [[nodiscard]] Processes* processes() override { return this; }
  void collect_logs(const fs::path& dir) override { real_->collect_logs(dir); }
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override {
    return real_->effective_config();
  }
  [[nodiscard]] std::map<std::string, std::string> facts() const override { return real_->facts(); }

 private:
  void signal(NodeId, Signal) override {}
  void start(NodeId) override {}
  [[nodiscard]] ProcessState state(NodeId node) const override {
    return real_->processes()->state(node);
  }

  std::unique_ptr<Cluster> real_;
};

std::string scenario_with(const std::string& fault, const std::string& audit = "60s") {
  return "name: no-op\n"
         "cluster: {kind: local, brokers: 1, controllers: combined}\n"
         "topics: {orders: {partitions: 1, replication: 1}}\n"
         "workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}\n"
         "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 2s, audit: " +
         audit +
         "}\n"
         "timeline: [" +
         fault + "]\n";
}

struct Judged {
  json trial;
  int exit_code = 0;
  std::string verdict;
};

Judged judged(const std::string& text, bool deaf) {
  const auto deafen = [deaf](RunSetting& setting) {
    if (!deaf) return;
    setting.wrap = [](std::unique_ptr<Cluster> real) {
      return std::make_unique<Deaf>(std::move(real));
    };
  };
  const test::ScenarioRun ran = test::run_scenario(test::plan_of(text), deafen);
  return {.trial = ran.trial(),
          .exit_code = ran.exit_code,
          .verdict = ran.record.at("verdict").at("overall")};
}

void is_invalid(const std::string& fault) {
  const Judged run = judged(scenario_with(fault), true);
  INFO(run.trial.value("error", "") << run.trial.at("reasons").dump());
  CHECK(run.trial.at("status") == "finished");
  CHECK(run.trial.at("verdict") == "invalid");
  CHECK(run.trial.at("faults").at(0).at("status") == "ineffective");
  CHECK(run.verdict == "invalid");
  CHECK(run.exit_code == 2);
}

TEST_CASE("a kill that does nothing makes the run invalid") {
  is_invalid("{at: 200ms, fault: kill, target: broker(1), heal_after: 500ms, patience: 1s}");
}

TEST_CASE("a stop that does nothing makes the run invalid", "[matrix]") {
  is_invalid("{at: 200ms, fault: stop, target: broker(1), heal_after: 500ms, patience: 1s}");
}

TEST_CASE("a pause that does nothing makes the run invalid", "[matrix]") {
  is_invalid("{at: 200ms, fault: pause, target: broker(1), heal_after: 500ms, patience: 1s}");
}

TEST_CASE("a restart that does nothing makes the run invalid") {
  is_invalid("{at: 200ms, fault: restart, target: broker(1), patience: 1s}");
}

// Targets that are looked up when the fault comes, on a cluster that has them.
TEST_CASE("a fault that does nothing is seen on a leader, a follower and the controller") {
  const Judged run = judged(
      "name: no-op\n"
      "cluster: {kind: local, brokers: 3, controllers: 1}\n"
      "topics: {orders: {partitions: 1, replication: 3}}\n"
      "workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}\n"
      "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 3s, audit: 60s}\n"
      "timeline:\n"
      "  - {at: 100ms, fault: pause, target: leader(orders/0), heal_after: 500ms, patience: 1s}\n"
      "  - {at: 100ms, fault: kill, target: follower(orders/0), heal_after: 500ms, patience: 1s}\n"
      "  - {at: 100ms, fault: stop, target: controller, heal_after: 500ms, patience: 1s}\n",
      true);
  INFO(run.trial.value("error", "") << run.trial.at("reasons").dump());
  std::set<int> nodes;
  for (const auto& fault : run.trial.at("faults")) {
    INFO(fault.dump());
    CHECK(fault.at("status") == "ineffective");
    REQUIRE(fault.at("nodes").size() == 1);
    nodes.insert(fault.at("nodes").at(0).get<int>());
  }
  CHECK(nodes.size() == 3);
  CHECK(run.trial.at("verdict") == "invalid");
  CHECK(run.verdict == "invalid");
  CHECK(run.exit_code == 2);
}

TEST_CASE("the same run with a fault that bites is green") {
  const Judged run = judged(
      scenario_with("{at: 200ms, fault: pause, target: broker(1), heal_after: 500ms}"), false);
  INFO(run.trial.value("error", "") << run.trial.at("reasons").dump());
  CHECK(run.trial.at("faults").at(0).at("status") == "effective");
  CHECK(run.verdict == "pass");
  CHECK(run.exit_code == 0);
}

TEST_CASE("an audit that had no time makes the run unknown") {
  const Judged run = judged(scenario_with("", "1ms"), false);
  INFO(run.trial.value("error", "") << run.trial.at("reasons").dump());
  CHECK(run.trial.at("audit").at("status") == "incomplete");
  CHECK(run.verdict == "unknown");
  CHECK(run.exit_code == 2);
}

}  // namespace
}  // namespace seatrial::run
