// The timeline on a fake cluster: what fires, what conflicts, what has no effect, and that all is
// healed.
#include "run/timeline.hpp"

#include <unistd.h>

#include <filesystem>

#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/records.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

struct Rig {
  fs::path folder = fs::temp_directory_path() / ("seatrial-timeline-" + std::to_string(::getpid()));
  test::FakeCluster cluster{3};
  kafka::ClusterWatch watch{{}, {}};
  std::unique_ptr<record::Journal> journal;
  std::atomic<std::uint64_t> acked{0};

  Rig() {
    fs::remove_all(folder);
    fs::create_directories(folder);
    journal = std::make_unique<record::Journal>(folder);
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
  const Instant deadline = now() + seconds(90);
  while (!holds() && now() < deadline) std::this_thread::sleep_for(milliseconds(1));
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
  const nlohmann::json record = test::document(rig.journal->record())["trials"][0]["faults"][0];
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
    wait_for([&] { return timeline.over() == 1; });
    CHECK(timeline.active().empty());
    timeline.finish();
    CHECK(timeline.outcomes()[0].status == "ineffective");
    REQUIRE(timeline.problems().size() == 1);
    CHECK(timeline.problems()[0].find("fault " + action + " broker(1): node 1 should be") == 0);
  }
}

// A fault that breaks down before it has touched a node.
class Clumsy final : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::held; }
  void inject(Cluster&, const std::vector<NodeId>&, Evidence&) override {
    throw std::runtime_error("it slipped");
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override { return {}; }
};

const Registration<Fault> clumsy{
    {.name = "test-clumsy",
     .help = "for this test",
     .options = {},
     .make = [](const Options&) -> std::unique_ptr<Fault> { return std::make_unique<Clumsy>(); }}};

// A fault of the network: no process changes, and its evidence is bytes.
class Counting final : public Fault {
 public:
  static inline int healed = 0;
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster&, const std::vector<NodeId>& targets, Evidence& evidence) override {
    evidence.counted.push_back(
        {.node = targets.front(), .kind = "bytes held", .value = 4096, .unit = "B", .at = now()});
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override {
    ++healed;
    return {};
  }
};

const Registration<Fault> counting{{.name = "test-counting",
                                    .help = "for this test",
                                    .options = {},
                                    .make = [](const Options&) -> std::unique_ptr<Fault> {
                                      return std::make_unique<Counting>();
                                    }}};

TEST_CASE("a fault whose evidence is bytes is recorded and healed like any other") {
  Rig rig;
  Counting::healed = 0;
  scenario::FaultPlan hold;
  hold.action = "test-counting";
  hold.target = *parse_target("broker(1)");
  hold.drawn = {NodeId(1)};
  hold.trigger.at = milliseconds(1);
  hold.heal_after = milliseconds(5);
  const std::vector plan{hold};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return timeline.over() == 1; });
  timeline.finish();
  CHECK(timeline.problems().empty());
  CHECK(Counting::healed == 1);
  CHECK_FALSE(may_have_ended(timeline.outcomes()[0], NodeId(1)));
  const nlohmann::json record = test::document(rig.journal->record())["trials"][0]["faults"][0];
  CHECK(record["effect"] == "none");
  CHECK(record["evidence"]["counted"][0]["kind"] == "bytes held");
  CHECK(record["evidence"]["counted"][0]["value"] == 4096);
  CHECK(record["evidence"]["counted"][0]["node"] == 1);
  CHECK(record["healed_s"].is_number());
}

// What it does to a process shows only later.
class Lingering final : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return effect_; }
  void inject(Cluster&, const std::vector<NodeId>&, Evidence&) override {}
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override {
    effect_ = FaultEffect::killed;
    return {};
  }

 private:
  FaultEffect effect_ = FaultEffect::none;
};

const Registration<Fault> lingering{{.name = "test-lingering",
                                     .help = "for this test",
                                     .options = {},
                                     .make = [](const Options&) -> std::unique_ptr<Fault> {
                                       return std::make_unique<Lingering>();
                                     }}};

TEST_CASE("a fault that ended its target late is recorded as what it was in the end") {
  Rig rig;
  scenario::FaultPlan squeeze;
  squeeze.action = "test-lingering";
  squeeze.target = *parse_target("broker(1)");
  squeeze.drawn = {NodeId(1)};
  squeeze.trigger.at = milliseconds(1);
  squeeze.heal_after = milliseconds(5);
  const std::vector plan{squeeze};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return timeline.over() == 1; });
  timeline.finish();
  CHECK(timeline.outcomes()[0].effect == FaultEffect::killed);
  const nlohmann::json record = test::document(rig.journal->record())["trials"][0]["faults"][0];
  CHECK(record["effect"] == "killed");
}

TEST_CASE("a fault that touched nothing holds its nodes no longer") {
  Rig rig;
  scenario::FaultPlan slip;
  slip.action = "test-clumsy";
  slip.target = *parse_target("broker(1)");
  slip.drawn = {NodeId(1)};
  slip.trigger.at = milliseconds(1);
  auto next = fault("kill", 1, milliseconds(0));
  next.trigger = {.at = {}, .after_acked = 100};
  const std::vector plan{slip, next};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return timeline.over() == 1; });
  CHECK(timeline.active().empty());
  rig.acked = 100;
  wait_for([&] { return !running(rig.cluster, 1); });
  timeline.finish();
  CHECK(timeline.outcomes()[0].status == "failed");
  CHECK(timeline.outcomes()[1].status == "effective");
}

// A fault that breaks down half-way, and cannot undo what it did.
class Botched final : public Fault {
 public:
  static inline int healed = 0;
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::held; }
  void inject(Cluster& cluster, const std::vector<NodeId>& targets, Evidence&) override {
    cluster.processes()->signal(targets.front(), Signal::pause);
    throw std::runtime_error("it broke");
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override {
    ++healed;
    return {"node 1 hangs", "node 2 hangs"};
  }
};

const Registration<Fault> botched{
    {.name = "test-botched",
     .help = "for this test",
     .options = {},
     .make = [](const Options&) -> std::unique_ptr<Fault> { return std::make_unique<Botched>(); }}};

scenario::FaultPlan optionless(const std::string& action) {
  scenario::FaultPlan plan;
  plan.action = action;
  plan.target = *parse_target("broker(1)");
  plan.drawn = {NodeId(1)};
  plan.trigger.at = milliseconds(1);
  return plan;
}

TEST_CASE("a fault that breaks down half-way is healed, and all that went wrong is kept") {
  Rig rig;
  Botched::healed = 0;
  const std::vector plan{optionless("test-botched")};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return timeline.over() == 1; });
  timeline.finish();
  CHECK(Botched::healed == 1);
  CHECK(timeline.outcomes()[0].status == "failed");
  CHECK(timeline.problems() ==
        std::vector<std::string>{"fault test-botched broker(1): it broke",
                                 "fault test-botched broker(1): healing: node 1 hangs",
                                 "fault test-botched broker(1): healing: node 2 hangs"});
  CHECK(test::document(rig.journal->record())["trials"][0]["faults"][0]["error"] ==
        "it broke; healing: node 1 hangs; healing: node 2 hangs");
}

// A fault that takes its time, and looks at the run's stop meanwhile.
class Patient final : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  void inject(Cluster&, const std::vector<NodeId>&, Evidence& evidence) override {
    const Instant patience = now() + seconds(10);
    while (!evidence.stop.stop_requested() && now() < patience)
      std::this_thread::sleep_for(milliseconds(1));
    throw FaultIneffective(evidence.stop.stop_requested() ? "stopped" : "never stopped");
  }
  std::vector<std::string> heal(Cluster&, Evidence&) noexcept override { return {}; }
};

const Registration<Fault> patient{
    {.name = "test-patient",
     .help = "for this test",
     .options = {},
     .make = [](const Options&) -> std::unique_ptr<Fault> { return std::make_unique<Patient>(); }}};

TEST_CASE("a stop of the run reaches a fault that waits for its effect") {
  Rig rig;
  std::stop_source run;
  auto setting = rig.setting();
  setting.stop = run.get_token();
  const std::vector plan{optionless("test-patient")};
  Timeline timeline(plan, setting);
  wait_for([&] { return !timeline.active().empty(); });
  run.request_stop();
  timeline.finish();
  CHECK(timeline.problems() == std::vector<std::string>{"fault test-patient broker(1): stopped"});
}

TEST_CASE("the acks around a fault are kept by partition") {
  Rig rig;
  measure::Availability acks({{"orders", 0}, {"orders", 1}});
  auto setting = rig.setting();
  setting.availability = &acks;
  const std::int64_t before_ns = to_ns(now());
  acks.acked(0, before_ns - 10, before_ns);
  const std::vector plan{fault("pause", 1, milliseconds(1))};
  Timeline timeline(plan, setting);
  wait_for([&] { return !running(rig.cluster, 1); });
  // The mark waits for an ack after the effect, which is seen soon after it is there.
  std::int64_t after_ns = 0;
  wait_for([&] {
    if (acks.around(0, 0).first_after != Instant{}) return true;
    after_ns = to_ns(now());
    acks.acked(0, after_ns - 10, after_ns);
    return false;
  });
  acks.acked(0, after_ns, to_ns(now()) + 10);
  timeline.finish();
  REQUIRE(timeline.outcomes()[0].acks == 0);
  CHECK(to_ns(acks.around(0, 0).last_before) == before_ns);
  CHECK(to_ns(acks.around(0, 0).first_after) == after_ns);
  CHECK(acks.around(0, 0).first_after > timeline.outcomes()[0].evidence.nodes[0].seen);
  CHECK(acks.around(0, 1).last_before == Instant{});
  CHECK(acks.around(0, 1).first_after == Instant{});
}

TEST_CASE("a node may have been ended by whatever told it more than to stand still") {
  FaultOutcome one;
  const auto ends = [&](ProcessState::Kind after, FaultEffect effect = FaultEffect::killed) {
    one.effect = effect;
    one.evidence.nodes = {{.node = NodeId(2), .asked = {}, .seen = {}, .before = {}, .after = {}}};
    one.evidence.nodes[0].after.kind = after;
    return may_have_ended(one, NodeId(2));
  };
  CHECK(ends(ProcessState::Kind::exited));
  CHECK(ends(ProcessState::Kind::absent));   // gone before anybody looked
  CHECK(ends(ProcessState::Kind::running));  // not gone yet, on a machine that is full
  CHECK(ends(ProcessState::Kind::exited, FaultEffect::ended));
  CHECK(ends(ProcessState::Kind::exited, FaultEffect::unpowered));
  CHECK_FALSE(ends(ProcessState::Kind::paused, FaultEffect::held));
  CHECK_FALSE(ends(ProcessState::Kind::running, FaultEffect::none));
  one.effect = FaultEffect::killed;
  CHECK_FALSE(may_have_ended(one, NodeId(1)));
  one.evidence.nodes.clear();
  one.targets = {NodeId(2)};
  CHECK_FALSE(may_have_ended(one, NodeId(2)));  // in conflict with another: it did nothing
  one.status = "failed";
  CHECK(may_have_ended(one, NodeId(2)));
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
  CHECK(timeline.problems()[0] ==
        "fault kill broker(1): its trigger (after 100 acked) never came; 99 were, at the end");
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
  auto second = fault("kill", 1, milliseconds(0));
  second.trigger = {.at = {}, .after_acked = 100};
  const std::vector plan{fault("pause", 1, milliseconds(1)), second};
  Timeline timeline(plan, rig.setting());
  wait_for([&] { return !timeline.active().empty(); });
  rig.acked = 100;
  wait_for([&] { return timeline.over() == 1; });
  CHECK(timeline.active() == std::vector<std::string>{"pause broker(1)"});
  timeline.finish();
  CHECK(timeline.outcomes()[1].status == "conflict");
  REQUIRE(timeline.problems().size() == 1);
  CHECK(timeline.problems()[0] == "fault kill broker(1): node 1 is held by another fault");
  CHECK(running(rig.cluster, 1));
}

}  // namespace
}  // namespace seatrial::run
