// Each fault of disks: what it asks of disks and processes, in which order, by what its effect is
// seen, and that disks on which nothing happens make it throw rather than pass.
#include <algorithm>
#include <mutex>
#include <thread>

#include "core/disks.hpp"
#include "core/fault.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/log_dirs_broker.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

// Disks that do as told at once, and write down what that was.
class FakeDisks final : public Disks {
 public:
  [[nodiscard]] std::vector<DiskId> of(NodeId node) const override {
    std::vector<DiskId> out;
    for (int dir = 1; dir <= log_dirs; ++dir) out.push_back({.node = node, .dir = dir});
    return out;
  }
  RuleId add(const DiskRule& rule) override {
    added.push_back(rule);
    return added.size();
  }
  void remove(RuleId rule) override { calls.push_back("remove " + std::to_string(rule)); }
  [[nodiscard]] DiskRuleCounters counted(RuleId rule) const override {
    return idle || idle_rules.contains(rule) ? DiskRuleCounters{}
                                             : DiskRuleCounters{.operations = 3, .bytes = 4096};
  }
  void cut(const std::vector<DiskId>& disks) override { note("cut", disks); }
  void release(const std::vector<DiskId>& disks) override { note("release", disks); }
  PowerLoss remount(DiskId disk) override {
    note("remount", {disk});
    if (busy) throw InfrastructureErrorForTest();
    states[disk] = DiskState::writable;
    return idle ? PowerLoss{} : PowerLoss{.unflushed = 4096, .unwritten = 8192};
  }
  void fill(DiskId disk, std::uint64_t leave) override {
    note("fill " + std::to_string(leave), {disk});
    if (!idle) states[disk] = DiskState::full;
  }
  void unfill(DiskId disk) override {
    note("unfill", {disk});
    states[disk] = DiskState::writable;
  }
  void make_read_only(DiskId disk) override {
    note("read-only", {disk});
    if (!idle) states[disk] = DiskState::read_only;
  }
  std::uint64_t drop_cache(DiskId disk) override {
    note("drop cache", {disk});
    return idle ? 0 : 4096;
  }
  [[nodiscard]] DiskState try_out(DiskId disk) const override {
    const auto at = states.find(disk);
    return at == states.end() ? DiskState::writable : at->second;
  }
  [[nodiscard]] std::uint64_t free_bytes(DiskId) const override { return 12; }

  struct InfrastructureErrorForTest : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "still in use"; }
  };
  // "1" is node 1's only one, "1.2" the second of several.
  void note(std::string what, const std::vector<DiskId>& disks) {
    for (const DiskId disk : disks) {
      what += " " + std::to_string(disk.node.value);
      if (log_dirs > 1) what += "." + std::to_string(disk.dir);
    }
    calls.push_back(std::move(what));
  }

  std::vector<DiskRule> added;
  std::vector<std::string> calls;
  std::map<DiskId, DiskState> states;
  int log_dirs = 1;  // of each node
  std::set<RuleId> idle_rules;
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
  [[nodiscard]] std::vector<Node> nodes() const override {
    return {{.id = NodeId(1), .role = NodeRole::broker, .address = broker_1}};
  }
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
  std::string broker_1 = "127.0.0.1:1";  // where nobody listens
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
    CHECK(rule.disk == DiskId{.node = NodeId(2), .dir = 1});
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

TEST_CASE("a fault is on all log dirs of a node, or on the one that it names") {
  for (const bool named : {false, true}) {
    DiskedCluster cluster;
    cluster.drives.log_dirs = 2;
    Evidence evidence;
    test::FaultWords words;
    if (named) words = {{"log_dir", "2"}};
    const auto full = make_disk_fault("disk_full", words);
    CHECK(full->needs().log_dir == (named ? 2 : 0));
    full->inject(cluster, {NodeId(2)}, evidence);
    CHECK(cluster.drives.calls ==
          (named ? Texts{"fill 0 2.2"} : Texts{"fill 0 2.1", "fill 0 2.2"}));
    CHECK(evidence.counted.back().kind == "bytes left on the disk of log dir 2");
    cluster.drives.calls.clear();
    cluster.halt(2);
    CHECK(full->heal(cluster, evidence).empty());
    CHECK(cluster.drives.calls ==
          (named ? Texts{"unfill 2.2"} : Texts{"unfill 2.1", "unfill 2.2"}));
    CHECK(cluster.runs(2));
  }
  for (const std::string name : {"disk_slow", "disk_error", "disk_read_only", "drop_cache"}) {
    INFO(name);
    DiskedCluster cluster;
    cluster.drives.log_dirs = 2;
    Evidence evidence;
    test::make_fault(name, {{"log_dir", "2"}})->inject(cluster, {NodeId(2)}, evidence);
    for (const auto& call : cluster.drives.calls) CHECK(call.find("2.1") == std::string::npos);
    for (const auto& rule : cluster.drives.added)
      CHECK(rule.disk == DiskId{.node = NodeId(2), .dir = 2});
    CHECK(cluster.drives.calls.size() + cluster.drives.added.size() > 0);
  }
}

TEST_CASE("a node that lacks the log dir of a fault is no target of it") {
  DiskedCluster cluster;
  cluster.drives.log_dirs = 2;
  Evidence evidence;
  for (const std::string name :
       {"disk_full", "disk_slow", "disk_error", "disk_read_only", "drop_cache"}) {
    INFO(name);
    CHECK_THROWS_AS(test::make_fault(name, {{"log_dir", "3"}})->inject(cluster, those, evidence),
                    FaultIneffective);
    CHECK(test::problems_of(name, {{"log_dir", "0"}}).size() == 1);
    CHECK(test::problems_of(name, {{"log_dir", "9"}}).size() == 1);
  }
}

TEST_CASE("power is a node's: all its log dirs lose it at one moment") {
  DiskedCluster cluster;
  cluster.drives.log_dirs = 2;
  Evidence evidence;
  make_disk_fault("power_loss")->inject(cluster, {NodeId(1)}, evidence);
  CHECK(cluster.drives.calls ==
        Texts{"cut 1.1 1.2", "release 1.1 1.2", "remount 1.1", "remount 1.2"});
  CHECK(sum_of(evidence, "the disk had not flushed") == 2 * 4096);
}

TEST_CASE("of several disks of a node one is enough to be met") {
  DiskedCluster cluster;
  cluster.drives.log_dirs = 2;
  cluster.drives.idle_rules = {2};
  Evidence evidence;
  const auto fault = make_disk_fault("disk_error");
  fault->inject(cluster, {NodeId(2)}, evidence);  // of which dir 1 has rule 1
  CHECK(sum_of(evidence, "operations failed of log dir 1") == 3);
  cluster.drives.idle_rules = {3, 4, 5};
  CHECK_THROWS_AS(make_disk_fault("disk_error")->inject(cluster, those, evidence),
                  FaultIneffective);
}

TEST_CASE("a broker that lives without a log dir is stopped in order and started for it") {
  for (const std::string name : {"disk_full", "disk_error", "disk_read_only"}) {
    INFO(name);
    const test::LogDirsBroker broker({{"/data/1", 0}, {"/data/2", 56}});
    DiskedCluster cluster;
    cluster.drives.log_dirs = 2;
    cluster.broker_1 = broker.address();
    Evidence evidence;
    const auto fault = make_disk_fault(name, {{"log_dir", "2"}});
    fault->inject(cluster, {NodeId(1)}, evidence);
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(cluster.fake.signals == std::vector{std::pair{NodeId(1), Signal::terminate}});
    CHECK(cluster.runs(1));
    REQUIRE(evidence.nodes.size() == 1);
    CHECK(evidence.nodes[0].after.exit_code == 143);
    CHECK(evidence.nodes[0].undone != Instant{});
    CHECK(sum_of(evidence, "log dirs given up") == 1);
    CHECK(evidence.facts.back() == "node 1 had given up /data/2, and was started anew");
  }
}

TEST_CASE(
    "a broker that has all its log dirs is left alone, and one that does not tell is told of") {
  const test::LogDirsBroker broker({{"/data/1", 0}, {"/data/2", 0}});
  for (const std::string& address : {broker.address(), std::string("127.0.0.1:1")}) {
    DiskedCluster cluster;
    cluster.drives.log_dirs = 2;
    cluster.broker_1 = address;
    Evidence evidence;
    const auto fault = make_disk_fault("disk_full", {{"log_dir", "2"}});
    fault->inject(cluster, {NodeId(1)}, evidence);
    const auto failures = fault->heal(cluster, evidence);
    CHECK(failures.size() == (address == broker.address() ? 0 : 1));
    for (const auto& line : failures)
      CHECK(line.find("node 1: does not tell of its log dirs: ") == 0);
    CHECK(cluster.fake.signals.empty());
    CHECK(evidence.nodes.empty());
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
