// Each fault of disks: what it asks of disks and processes, in which order, by what its effect is
// seen, and that disks on which nothing happens make it throw rather than pass.
#include <algorithm>
#include <mutex>
#include <thread>

#include "core/disks.hpp"
#include "core/fault.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

// Disks that do as told at once, and write down what that was.
class FakeDisks final : public Disks {
 public:
  RuleId add(const DiskRule& rule) override {
    added.push_back(rule);
    return added.size();
  }
  void remove(RuleId rule) override { calls.push_back("remove " + std::to_string(rule)); }
  [[nodiscard]] DiskRuleCounters counted(RuleId) const override {
    return idle ? DiskRuleCounters{} : DiskRuleCounters{.operations = 3, .bytes = 4096};
  }
  void cut(const std::vector<NodeId>& nodes) override { note("cut", nodes); }
  void release(const std::vector<NodeId>& nodes) override { note("release", nodes); }
  PowerLoss remount(NodeId node) override {
    note("remount", {node});
    if (busy) throw InfrastructureErrorForTest();
    states[node] = DiskState::writable;
    return idle ? PowerLoss{} : PowerLoss{.unflushed = 4096, .unwritten = 8192};
  }
  void fill(NodeId node, std::uint64_t leave) override {
    note("fill " + std::to_string(leave), {node});
    if (!idle) states[node] = DiskState::full;
  }
  void unfill(NodeId node) override {
    note("unfill", {node});
    states[node] = DiskState::writable;
  }
  void make_read_only(NodeId node) override {
    note("read-only", {node});
    if (!idle) states[node] = DiskState::read_only;
  }
  std::uint64_t drop_cache(NodeId node) override {
    note("drop cache", {node});
    return idle ? 0 : 4096;
  }
  [[nodiscard]] DiskState try_out(NodeId node) const override {
    const auto at = states.find(node);
    return at == states.end() ? DiskState::writable : at->second;
  }
  [[nodiscard]] std::uint64_t free_bytes(NodeId) const override { return 12; }

  struct InfrastructureErrorForTest : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "still in use"; }
  };
  void note(std::string what, const std::vector<NodeId>& nodes) {
    for (const NodeId node : nodes) what += " " + std::to_string(node.value);
    calls.push_back(std::move(what));
  }

  std::vector<DiskRule> added;
  std::vector<std::string> calls;
  std::map<NodeId, DiskState> states;
  bool idle = false;  // nothing has an effect
  bool busy = false;  // nothing can be unmounted
};

class DiskedCluster final : public Cluster {
 public:
  DiskedCluster() {
    for (int id = 1; id <= 3; ++id)
      fake.states[NodeId(id)] = {
          .kind = ProcessState::Kind::running, .host_pid = id, .exit_code = {}, .signal = {}};
  }
  [[nodiscard]] std::string kind() const override { return "fake"; }
  void up(std::stop_token) override {}
  std::vector<std::string> down() noexcept override { return {}; }
  [[nodiscard]] std::string bootstrap() const override { return {}; }
  [[nodiscard]] std::vector<Node> nodes() const override { return {}; }
  [[nodiscard]] Processes* processes() override { return &fake; }
  [[nodiscard]] Disks* disks() override { return &drives; }
  void collect_logs(const std::filesystem::path&) override {}
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }

  void halt(int node) {  // as a broker does that gives up its folder
    fake.states[NodeId(node)] = {
        .kind = ProcessState::Kind::exited, .host_pid = node, .exit_code = 1, .signal = {}};
  }
  [[nodiscard]] bool runs(int node) const {
    return fake.state(NodeId(node)).kind == ProcessState::Kind::running;
  }

  test::FakeProcesses fake;
  FakeDisks drives;
};

using Texts = std::vector<std::string>;

std::unique_ptr<Fault> make_disk_fault(const std::string& name, test::FaultWords words = {}) {
  auto fault = test::make_impatient(name, std::move(words));
  CHECK(fault->needs().gear == std::set{Gear::disks});
  return fault;
}

const std::vector<NodeId> those{NodeId(1), NodeId(2)};

double sum_of(const Evidence& evidence, const std::string& part) {
  double sum = 0;
  for (const auto& counted : evidence.counted)
    if (counted.kind.find(part) != std::string::npos) sum += counted.value;
  return sum;
}

TEST_CASE("power_loss cuts before it kills, lets go after it, and mounts what has ended") {
  DiskedCluster cluster;
  Evidence evidence;
  const auto power = make_disk_fault("power_loss");
  CHECK(power->effect() == FaultEffect::unpowered);
  power->inject(cluster, those, evidence);
  CHECK(cluster.drives.calls == Texts{"cut 1 2", "release 1 2", "remount 1", "remount 2"});
  CHECK(cluster.fake.signals ==
        std::vector{std::pair{NodeId(1), Signal::kill}, std::pair{NodeId(2), Signal::kill}});
  CHECK(evidence.nodes.at(1).after.signal == 9);
  CHECK(evidence.lost_power == std::set<NodeId>(those.begin(), those.end()));
  CHECK(sum_of(evidence, "the disk had not flushed") == 2 * 4096);
  CHECK(sum_of(evidence, "the page cache had") == 2 * 8192);
  CHECK_FALSE(cluster.runs(1));
  CHECK(cluster.runs(3));
  CHECK(power->heal(cluster, evidence).empty());
  CHECK(cluster.runs(1));
  CHECK(cluster.drives.calls.size() == 4);  // mounted once
  CHECK(power->heal(cluster, evidence).empty());
}

TEST_CASE("drop_cache tells what the cache forgot, and that there was nothing") {
  DiskedCluster cluster;
  Evidence evidence;
  const auto drop = test::make_fault("drop_cache");  // nothing to be patient about
  CHECK(drop->needs().gear == std::set{Gear::disks});
  CHECK(drop->effect() == FaultEffect::none);
  CHECK_FALSE(drop->silences_node());
  drop->inject(cluster, those, evidence);
  CHECK(sum_of(evidence, "the page cache forgot") >= 2 * 4096);
  CHECK(cluster.runs(1));
  CHECK(drop->heal(cluster, evidence).empty());
  cluster.drives.idle = true;
  Evidence nothing;
  CHECK_THROWS_AS(drop->inject(cluster, those, nothing), FaultIneffective);
  CHECK_THROWS_AS(drop->inject(cluster, {}, nothing), FaultIneffective);
}

TEST_CASE("power_loss that takes nothing had no effect") {
  DiskedCluster cluster;
  cluster.drives.idle = true;
  Evidence evidence;
  const auto power = make_disk_fault("power_loss");
  CHECK_THROWS_AS(power->inject(cluster, those, evidence), FaultIneffective);
  CHECK(power->heal(cluster, evidence).empty());
  CHECK(cluster.runs(2));
}

TEST_CASE("power_loss whose disks could not be mounted is tried again by heal") {
  DiskedCluster cluster;
  cluster.drives.busy = true;
  Evidence evidence;
  const auto power = make_disk_fault("power_loss");
  CHECK_THROWS(power->inject(cluster, those, evidence));
  cluster.drives.busy = false;
  cluster.drives.calls.clear();
  CHECK(power->heal(cluster, evidence).empty());
  CHECK(cluster.drives.calls == Texts{"remount 1", "remount 2"});
  CHECK(cluster.runs(1));
}

TEST_CASE("rules of disks are in force until healed, and nothing seen is no effect") {
  for (const std::string name : {"disk_slow", "disk_error"}) {
    INFO(name);
    DiskedCluster cluster;
    Evidence evidence;
    const auto fault = make_disk_fault(name, {{"operation", "read, fsync"}, {"seed", "7"}});
    fault->inject(cluster, those, evidence);
    REQUIRE(cluster.drives.added.size() == 2);
    const DiskRule& rule = cluster.drives.added[1];
    CHECK(rule.node == NodeId(2));
    CHECK(rule.operations == std::set{DiskOperation::read, DiskOperation::flush});
    CHECK(rule.seed == 7);
    CHECK(evidence.counted.size() == 2);
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(cluster.drives.calls == Texts{"remove 1", "remove 2"});
    CHECK(sum_of(evidence, "bytes") == 2 * 4096);

    DiskedCluster nothing;
    nothing.drives.idle = true;
    const auto idle = make_disk_fault(name);
    CHECK_THROWS_AS(idle->inject(nothing, those, evidence), FaultIneffective);
    CHECK(idle->heal(nothing, evidence).empty());
    CHECK(nothing.drives.calls == Texts{"remove 1", "remove 2"});
  }
}

TEST_CASE("a node that ends of a disk error only after that was healed is started again") {
  for (const std::string name : {"disk_error", "disk_full"}) {
    INFO(name);
    DiskedCluster cluster;
    Evidence evidence;
    const auto fault = make_disk_fault(name, {{"patience", "20s"}});
    fault->inject(cluster, {NodeId(1)}, evidence);
    const std::jthread later([&] {
      std::this_thread::sleep_for(milliseconds(50));
      cluster.fake.signal(NodeId(1), Signal::terminate);
    });
    CHECK(fault->heal(cluster, evidence).empty());
    REQUIRE(evidence.nodes.size() == 1);
    CHECK(evidence.nodes[0].after.kind == ProcessState::Kind::exited);
    CHECK(cluster.runs(1));
  }
}

TEST_CASE("a slow disk is as slow as asked") {
  DiskedCluster cluster;
  Evidence evidence;
  make_disk_fault("disk_slow", {{"by", "5ms"}, {"distribution", "exponential"}})
      ->inject(cluster, {NodeId(1)}, evidence);
  CHECK(cluster.drives.added[0].by == milliseconds(5));
  CHECK(cluster.drives.added[0].spread == DiskRule::Spread::exponential);
  CHECK(cluster.drives.added[0].effect == DiskRule::Effect::delay);
}

TEST_CASE("a node that its disk ended is started, and one that lives is left alone") {
  DiskedCluster cluster;
  Evidence evidence;
  const auto full = make_disk_fault("disk_full", {{"leave", "1MB"}});
  full->inject(cluster, those, evidence);
  CHECK(cluster.drives.calls == Texts{"fill 1000000 1", "fill 1000000 2"});
  CHECK(evidence.failed_disks == std::set<NodeId>(those.begin(), those.end()));
  CHECK(evidence.nodes.empty());
  cluster.halt(1);
  CHECK(full->heal(cluster, evidence).empty());
  REQUIRE(evidence.nodes.size() == 1);
  CHECK(evidence.nodes[0].node == NodeId(1));
  CHECK(evidence.nodes[0].before.kind == ProcessState::Kind::running);
  CHECK(evidence.nodes[0].after.exit_code == 1);
  CHECK(cluster.runs(1));
  CHECK(cluster.fake.signals.empty());  // none was killed
}

TEST_CASE("a read-only disk is mounted anew, for which its node is ended") {
  DiskedCluster cluster;
  Evidence evidence;
  const auto fault = make_disk_fault("disk_read_only");
  fault->inject(cluster, {NodeId(1)}, evidence);
  CHECK(fault->heal(cluster, evidence).empty());
  CHECK(cluster.drives.calls == Texts{"read-only 1", "remount 1"});
  CHECK(cluster.fake.signals == std::vector{std::pair{NodeId(1), Signal::kill}});
  CHECK(cluster.runs(1));
  CHECK(fault->heal(cluster, evidence).empty());
}

TEST_CASE("disks that are neither full nor read-only when asked are no effect") {
  for (const std::string name : {"disk_full", "disk_read_only"}) {
    INFO(name);
    DiskedCluster cluster;
    cluster.drives.idle = true;
    Evidence evidence;
    const auto fault = make_disk_fault(name);
    CHECK_THROWS_AS(fault->inject(cluster, those, evidence), FaultIneffective);
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(cluster.runs(1));
  }
}

TEST_CASE("a fault of disks has none to act on where the cluster has none") {
  test::FakeCluster cluster(3);
  for (const std::string name :
       {"power_loss", "disk_slow", "disk_error", "disk_full", "disk_read_only"}) {
    INFO(name);
    Evidence evidence;
    CHECK_THROWS_AS(make_disk_fault(name)->inject(cluster, those, evidence), FaultIneffective);
  }
}

}  // namespace
}  // namespace seatrial
