// The timeline on a fake cluster: what fires, what conflicts, what has no effect, and that all is
// healed.
#include "run/timeline.hpp"

#include <unistd.h>

#include <filesystem>

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

struct Rig {
  fs::path folder = fs::temp_directory_path() / ("seatrial-timeline-" + std::to_string(::getpid()));
  test::FakeCluster cluster{3};
  kafka::ClusterWatch watch{{}, {}};
  std::unique_ptr<Journal> journal;
  std::atomic<std::uint64_t> acked{0};

  Rig() {
    fs::remove_all(folder);
    fs::create_directories(folder);
    journal = std::make_unique<Journal>(folder);
  }
  ~Rig() { fs::remove_all(folder); }
  TimelineSetting setting() {
    return {.cluster = cluster,
            .watch = watch,
            .journal = *journal,
            .trial = 0,
            .measure_start = now(),
            .acked_since_measure = [this] { return acked.load(); }};
  }
};

scenario::FaultPlan fault(const std::string& action, int node, milliseconds at,
                          std::optional<milliseconds> heal_after = {}) {
  scenario::FaultPlan plan;
  plan.action = action;
  std::vector<OptionProblem> problems;
  plan.options =
      Options::check(Registry<Fault>::instance().find(action)->options,
                     {{"patience", {.text = "50ms", .entries = {}, .is_map = false}}}, problems);
  plan.target = *parse_target("broker(" + std::to_string(node) + ")");
  plan.drawn = {NodeId(node)};
  plan.trigger.at = at;
  if (heal_after) plan.heal_after = *heal_after;
  return plan;
}

bool running(test::FakeCluster& cluster, int node) {
  return cluster.fake.state(NodeId(node)).kind == ProcessState::Kind::running;
}

void wait_for(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(1));
  REQUIRE(holds());
}

TEST_CASE("a fault fires, is recorded, and heals after its time") {
  Rig rig;
  const std::vector plan{fault("kill", 1, milliseconds(5), milliseconds(20))};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return rig.cluster.fake.state(NodeId(1)).host_pid > 1000; });
  timeline.finish();
  CHECK(timeline.problems().empty());
  CHECK(timeline.outcomes()[0].status == "effective");
  const auto record = rig.journal->record()["trials"][0]["faults"][0];
  CHECK(record["status"] == "effective");
  CHECK(record["evidence"]["nodes"][0]["after"] == "killed by signal 9");
  CHECK(record["evidence"]["nodes"][0]["held_ns"] > 0);
}

TEST_CASE("what is still in force at the end is healed") {
  Rig rig;
  const std::vector plan{fault("pause", 1, milliseconds(1)), fault("kill", 2, milliseconds(1))};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return !running(rig.cluster, 1) && !running(rig.cluster, 2); });
  CHECK(timeline.active().size() == 2);
  timeline.finish();
  CHECK(running(rig.cluster, 1));
  CHECK(running(rig.cluster, 2));
}

TEST_CASE("destruction heals too") {
  Rig rig;
  const std::vector plan{fault("pause", 1, milliseconds(1))};
  {
    const Timeline timeline(plan, rig.setting());
    wait_for([&] { return !running(rig.cluster, 1); });
  }
  CHECK(running(rig.cluster, 1));
}

TEST_CASE("every action that does nothing is a problem") {
  for (const std::string action : {"kill", "pause"}) {
    Rig rig;
    rig.cluster.fake.deaf = true;
    const std::vector plan{fault(action, 1, milliseconds(1))};
    Timeline timeline(plan, rig.setting());
    wait_for([&] { return timeline.outcomes()[0].status == "ineffective"; });
    timeline.finish();
    REQUIRE(timeline.problems().size() == 1);
    CHECK(timeline.problems()[0].find("fault " + action + " broker(1): node 1 should be") == 0);
  }
}

TEST_CASE("a trigger that never comes is a problem") {
  Rig rig;
  auto late = fault("kill", 1, milliseconds(0));
  late.trigger = {.at = {}, .after_acked = 100};
  const std::vector plan{late};
  Timeline timeline(plan, rig.setting());
  rig.acked = 99;
  std::this_thread::sleep_for(milliseconds(20));
  timeline.finish();
  REQUIRE(timeline.problems().size() == 1);
  CHECK(timeline.problems()[0] == "fault kill broker(1): its trigger (after 100 acked) never came");
  CHECK(running(rig.cluster, 1));
}

TEST_CASE("a trigger by count fires when the count is reached") {
  Rig rig;
  auto counted = fault("kill", 1, milliseconds(0));
  counted.trigger = {.at = {}, .after_acked = 100};
  const std::vector plan{counted};
  Timeline timeline(plan, rig.setting());
  rig.acked = 100;
  wait_for([&] { return !running(rig.cluster, 1); });
  timeline.finish();
  CHECK(timeline.problems().empty());
}

TEST_CASE("two faults on one node conflict") {
  Rig rig;
  const std::vector plan{fault("pause", 1, milliseconds(1)), fault("kill", 1, milliseconds(30))};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return timeline.outcomes()[1].status == "conflict"; });
  timeline.finish();
  REQUIRE(timeline.problems().size() == 1);
  CHECK(timeline.problems()[0] == "fault kill broker(1): node 1 is held by another fault");
  CHECK(running(rig.cluster, 1));
}

}  // namespace
}  // namespace seatrial::run
