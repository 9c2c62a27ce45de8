// Each fault of a node's share of the machine and of its clock: its effect is read back, its heal
// undoes it, and a machine on which nothing happens makes it throw rather than pass.
#include <algorithm>
#include <thread>

#include "core/check.hpp"
#include "core/clocks.hpp"
#include "core/fault.hpp"
#include "core/limits.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

constexpr std::uint64_t in_use = 500'000'000;

// A kernel that holds nodes to their limits at once, unless it is idle.
class FakeLimits final : public Limits {
 public:
  explicit FakeLimits(test::FakeProcesses& of) : processes(of) {}
  void limit_cpu(NodeId node, std::optional<double> limit) override {
    if (limit) cores[node] = *limit;
    else cores.erase(node);
    if (limit && !idle) {
      counters[node].periods += 9;
      counters[node].throttled += 5;
      counters[node].held_back += milliseconds(400);
    }
  }
  void limit_memory(NodeId node, std::optional<std::uint64_t> limit) override {
    if (busy) throw InfrastructureError(node_text_of(node) + ": it has gone");
    if (limit) bytes[node] = *limit;
    else bytes.erase(node);
    if (limit && !idle && *limit < in_use) {
      ++counters[node].at_limit;
      if (deadly) kill(node);
    }
  }
  void crowd_memory(NodeId node, bool crowd) override {
    if (crowd) crowded.push_back(node);
    else std::erase(crowded, node);
    if (crowd && !idle) kill(node);
  }
  void freeze(NodeId node, bool on) override {
    if (idle) return;
    frozen[node] = on;
    processes.states[node].kind = on ? ProcessState::Kind::paused : ProcessState::Kind::running;
  }
  [[nodiscard]] bool is_frozen(NodeId node) const override {
    const auto found = frozen.find(node);
    return found != frozen.end() && found->second;
  }
  [[nodiscard]] LimitCounters counted(NodeId node) const override {
    const auto found = counters.find(node);
    LimitCounters out = found == counters.end() ? LimitCounters{} : found->second;
    out.memory_bytes = in_use;
    return out;
  }
  void kill(NodeId node) {
    ++counters[node].oom_kills;
    processes.signal(node, Signal::kill);
  }
  static std::string node_text_of(NodeId node) { return "node " + std::to_string(node.value); }

  test::FakeProcesses& processes;
  std::map<NodeId, double> cores;
  std::map<NodeId, std::uint64_t> bytes;
  std::map<NodeId, bool> frozen;
  std::map<NodeId, LimitCounters> counters;
  std::vector<NodeId> crowded;
  bool idle = false, deadly = false, busy = false;
};

class FakeClocks final : public Clocks {
 public:
  void set(NodeId node, nanoseconds ahead, double rate) override {
    times[node] = {ahead, rate, now()};
  }
  [[nodiscard]] ClockReading read(NodeId node) const override {
    const Instant at = now();
    if (idle || !times.contains(node)) return {.ahead = {}, .uncertainty = {}, .at = at};
    const auto& [ahead, rate, since] = times.at(node);
    const double gained = to_seconds(at - since) * (rate - 1);
    return {.ahead = ahead + nanoseconds(static_cast<std::int64_t>(gained * 1e9)),
            .uncertainty = {},
            .at = at};
  }
  struct Time {
    nanoseconds ahead;
    double rate;
    Instant since;
  };
  std::map<NodeId, Time> times;
  bool idle = false;
};

class MachineCluster final : public Cluster {
 public:
  [[nodiscard]] std::string kind() const override { return "fake"; }
  void up(std::stop_token) override {}
  std::vector<std::string> down() noexcept override { return {}; }
  [[nodiscard]] std::string bootstrap() const override { return {}; }
  [[nodiscard]] std::vector<Node> nodes() const override { return below.nodes(); }
  [[nodiscard]] Processes* processes() override { return &below.fake; }
  [[nodiscard]] Limits* limits() override { return &held; }
  [[nodiscard]] Clocks* clocks() override { return &time; }
  void collect_logs(const std::filesystem::path&) override {}
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }

  test::FakeCluster below{3};
  FakeLimits held{below.fake};
  FakeClocks time;
};

double counted_of(const Evidence& evidence, const std::string& kind, NodeId node = NodeId(1)) {
  double last = -1;
  for (const auto& one : evidence.counted) {
    if (one.kind == kind && one.node == node) last = one.value;
  }
  return last;
}

const std::vector<NodeId> first_two{NodeId(1), NodeId(2)};

TEST_CASE("throttle_cpu holds its targets back, tells how often, and gives all back") {
  MachineCluster cluster;
  Evidence evidence;
  const auto throttle = test::make_impatient("throttle_cpu", {{"cores", "0.3"}});
  CHECK(throttle->needs().gear == std::set{Gear::limits});
  CHECK_FALSE(throttle->silences_node());
  throttle->inject(cluster, first_two, evidence);
  CHECK(cluster.held.cores == std::map<NodeId, double>{{NodeId(1), 0.3}, {NodeId(2), 0.3}});
  CHECK(evidence.nodes.empty());
  CHECK(throttle->heal(cluster, evidence).empty());
  CHECK(cluster.held.cores.empty());
  CHECK(counted_of(evidence, "periods") == 9);
  CHECK(counted_of(evidence, "periods throttled", NodeId(2)) == 5);
  CHECK(counted_of(evidence, "time held back") == Approx(0.4));
  const auto told = evidence.counted.size();
  CHECK(throttle->heal(cluster, evidence).empty());
  CHECK(evidence.counted.size() == told);
}

TEST_CASE("freeze makes its targets stand still without a signal, until heal") {
  MachineCluster cluster;
  Evidence evidence;
  const auto freeze = test::make_impatient("freeze");
  CHECK(freeze->effect() == FaultEffect::held);
  freeze->inject(cluster, first_two, evidence);
  REQUIRE(evidence.nodes.size() == 2);
  CHECK(evidence.nodes[1].before.kind == ProcessState::Kind::running);
  CHECK(evidence.nodes[1].after.kind == ProcessState::Kind::paused);
  CHECK(cluster.below.fake.signals.empty());
  CHECK(freeze->heal(cluster, evidence).empty());
  CHECK_FALSE(cluster.held.is_frozen(NodeId(1)));
  CHECK(evidence.nodes[0].undone >= evidence.nodes[0].seen);
  CHECK(freeze->heal(cluster, evidence).empty());
}

TEST_CASE("a freeze that somebody else ended is told") {
  MachineCluster cluster;
  Evidence evidence;
  const auto freeze = test::make_impatient("freeze");
  freeze->inject(cluster, {NodeId(1)}, evidence);
  cluster.held.freeze(NodeId(1), false);
  CHECK(freeze->heal(cluster, evidence) == std::vector<std::string>{"node 1 did not stay frozen"});
}

TEST_CASE("limit_memory is felt at the limit, and is no kill as long as nobody ends") {
  MachineCluster cluster;
  Evidence evidence;
  const auto limit = test::make_impatient("limit_memory", {{"to", "400MB"}});
  limit->inject(cluster, {NodeId(1)}, evidence);
  CHECK(cluster.held.bytes.at(NodeId(1)) == 400'000'000);
  CHECK(limit->effect() == FaultEffect::none);
  CHECK(limit->heal(cluster, evidence).empty());
  CHECK(cluster.held.bytes.empty());
  CHECK(evidence.nodes.empty());
  CHECK(counted_of(evidence, "times at the limit") == 1);
  CHECK(counted_of(evidence, "OOM kills") == 0);
}

TEST_CASE("a limit of memory that ended its target is a kill, at once or later") {
  const bool at_once = GENERATE(true, false);
  MachineCluster cluster;
  cluster.held.deadly = at_once;
  Evidence evidence;
  const auto limit = test::make_impatient("limit_memory");
  limit->inject(cluster, first_two, evidence);
  if (!at_once) cluster.held.kill(NodeId(1));
  CHECK(limit->heal(cluster, evidence).empty());
  CHECK(limit->effect() == FaultEffect::killed);
  REQUIRE(evidence.nodes.size() == (at_once ? 2 : 1));
  CHECK(to_string(evidence.nodes[0].after) == "killed by signal 9");
  CHECK(evidence.facts[0] ==
        "node 1: killed by signal 9; its control group counts 1 ended for want of memory");
  CHECK(cluster.below.fake.state(NodeId(1)).host_pid > 1000);
  CHECK(limit->heal(cluster, evidence).empty());
}

TEST_CASE("oom_kill has the kernel end its targets, and heal starts them again") {
  MachineCluster cluster;
  Evidence evidence;
  const auto kill = test::make_impatient("oom_kill");
  kill->inject(cluster, first_two, evidence);
  REQUIRE(evidence.nodes.size() == 2);
  CHECK(evidence.nodes[1].after.signal == 9);
  CHECK(cluster.held.crowded.empty());
  CHECK(kill->effect() == FaultEffect::killed);
  CHECK(kill->heal(cluster, evidence).empty());
  CHECK(counted_of(evidence, "OOM kills", NodeId(2)) == 1);
  CHECK(cluster.held.bytes.empty());
  CHECK(cluster.below.fake.state(NodeId(2)).kind == ProcessState::Kind::running);
}

TEST_CASE("a process that another one killed was not ended for want of memory") {
  MachineCluster cluster;
  cluster.held.idle = true;
  cluster.below.fake.dying_for = milliseconds(20);
  Evidence evidence;
  const auto kill = test::make_impatient("oom_kill", {{"patience", "10s"}});
  const std::jthread other([&] {
    std::this_thread::sleep_for(milliseconds(20));
    cluster.below.fake.signal(NodeId(1), Signal::kill);
  });
  CHECK_THROWS_WITH(kill->inject(cluster, {NodeId(1)}, evidence),
                    "node 1 should have been ended for want of memory within 10 s but is killed by "
                    "signal 9");
}

TEST_CASE("step_clock sets clocks forward or back, reads them, and sets them right") {
  const std::string by = GENERATE(as<std::string>{}, "1h", "+1h", "-30s");
  MachineCluster cluster;
  Evidence evidence;
  const auto step = test::make_impatient("step_clock", {{"by", by}});
  CHECK(step->needs().gear == std::set{Gear::clocks});
  step->inject(cluster, first_two, evidence);
  CHECK(counted_of(evidence, "clock ahead") == Approx(by == "-30s" ? -30 : 3600));
  CHECK(step->heal(cluster, evidence).empty());
  CHECK(cluster.time.times.at(NodeId(2)).ahead == nanoseconds(0));
  CHECK(counted_of(evidence, "clock ahead") == Approx(0));
  CHECK(step->heal(cluster, evidence).empty());
}

TEST_CASE("drift_clock is seen once a clock has gained or lost, and tells the rate") {
  const double rate = GENERATE(3.0, 0.2);
  MachineCluster cluster;
  Evidence evidence;
  const auto drift =
      test::make_impatient("drift_clock", {{"rate", std::to_string(rate)}, {"patience", "10s"}});
  drift->inject(cluster, {NodeId(1)}, evidence);
  CHECK((rate > 1) == (counted_of(evidence, "clock ahead") > 0));
  CHECK(drift->heal(cluster, evidence).empty());
  CHECK(counted_of(evidence, "clock's rate") == Approx(rate).epsilon(0.2));
  CHECK(cluster.time.times.at(NodeId(1)).rate == 1);
}

TEST_CASE("a machine on which nothing happens makes its faults throw, and is left as it was") {
  for (const std::string name :
       {"throttle_cpu", "freeze", "limit_memory", "oom_kill", "step_clock", "drift_clock"}) {
    INFO(name);
    MachineCluster cluster;
    cluster.held.idle = cluster.time.idle = true;
    Evidence evidence;
    const auto fault = test::make_impatient(name);
    CHECK_THROWS_AS(fault->inject(cluster, {NodeId(1)}, evidence), FaultIneffective);
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(cluster.held.cores.empty());
    CHECK(cluster.held.bytes.empty());
    CHECK(cluster.held.crowded.empty());
    CHECK_THROWS_AS(fault->inject(cluster, {}, evidence), FaultIneffective);
    test::FakeCluster without(2);
    CHECK_THROWS_AS(test::make_impatient(name)->inject(without, {NodeId(1)}, evidence),
                    FaultIneffective);
    cluster.below.fake.signal(NodeId(2), Signal::kill);
    CHECK_THROWS_AS(test::make_impatient(name)->inject(cluster, {NodeId(2)}, evidence),
                    FaultIneffective);
  }
}

TEST_CASE("a limit that cannot be taken back is told of each node") {
  MachineCluster cluster;
  Evidence evidence;
  const auto limit = test::make_impatient("limit_memory");
  limit->inject(cluster, first_two, evidence);
  cluster.held.busy = true;
  CHECK(limit->heal(cluster, evidence) ==
        std::vector<std::string>{"node 1: it has gone", "node 2: it has gone"});
}

TEST_CASE("options of faults of the machine are checked") {
  const auto complaints = [](const std::string& name, const std::string& key,
                             const std::string& text) {
    return test::problems_of(name, {{key, text}}).size();
  };
  for (const std::string wrong : {"0", "-1", "x"})
    CHECK(complaints("throttle_cpu", "cores", wrong));
  for (const std::string wrong : {"10kB", "400"}) CHECK(complaints("limit_memory", "to", wrong));
  for (const std::string wrong : {"0s", "1", "-100ms", "--3s", "4000d", "+"})
    CHECK(complaints("step_clock", "by", wrong));
  for (const std::string wrong : {"1", "0", "-1", "11", "1.0001"})
    CHECK(complaints("drift_clock", "rate", wrong));
  CHECK(complaints("step_clock", "by", "-1s") == 0);
  CHECK(complaints("drift_clock", "rate", "0.99") == 0);
}

}  // namespace
}  // namespace seatrial
