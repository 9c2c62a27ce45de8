// Each fault on processes: its effect is read back, its heal undoes it, and a cluster on which
// nothing happens makes it throw rather than pass.
#include <thread>

#include "core/fault.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

std::unique_ptr<Fault> make(const std::string& name, const std::string& patience = "30ms") {
  return test::make_fault(name, {{"patience", patience}});
}

const std::vector<NodeId> both{NodeId(1), NodeId(2)};

TEST_CASE("kill ends its targets by signal 9 and heal starts them again") {
  test::FakeCluster cluster(3);
  Evidence evidence;
  const auto kill = make("kill");
  kill->inject(cluster, both, evidence);
  REQUIRE(evidence.nodes.size() == 2);
  CHECK(evidence.nodes[0].before.host_pid == 1);
  CHECK(evidence.nodes[0].after.signal == 9);
  CHECK(cluster.fake.state(NodeId(3)).kind == ProcessState::Kind::running);
  CHECK(kill->heal(cluster, evidence).empty());
  CHECK(cluster.fake.state(NodeId(1)).kind == ProcessState::Kind::running);
  CHECK(evidence.nodes[1].undone > evidence.nodes[1].seen);
}

TEST_CASE("a kill is seen when nothing is executed any more, not when all is taken apart") {
  test::FakeCluster cluster(3);
  cluster.fake.dying_for = milliseconds(300);
  Evidence evidence;
  make("kill", "10s")->inject(cluster, {NodeId(1)}, evidence);
  CHECK(evidence.nodes[0].after.signal == 9);
  CHECK(now() >= cluster.fake.told_at);
  CHECK(evidence.nodes[0].seen < cluster.fake.told_at);
}

TEST_CASE("pause holds its targets still until heal") {
  test::FakeCluster cluster(3);
  Evidence evidence;
  const auto pause = make("pause");
  pause->inject(cluster, both, evidence);
  CHECK(cluster.fake.state(NodeId(2)).kind == ProcessState::Kind::paused);
  CHECK(pause->heal(cluster, evidence).empty());
  CHECK(cluster.fake.state(NodeId(2)).kind == ProcessState::Kind::running);
  const Instant first = evidence.nodes[0].undone;
  CHECK(pause->heal(cluster, evidence).empty());
  CHECK(evidence.nodes[0].undone == first);
}

TEST_CASE("a run that is stopped does not wait out a fault's patience") {
  test::FakeCluster cluster(2);
  cluster.fake.stubborn = true;
  std::stop_source stop;
  Evidence evidence{.nodes = {}, .stop = stop.get_token()};
  stop.request_stop();
  const Instant begun = now();
  make("stop", "10m")->inject(cluster, {NodeId(1)}, evidence);
  CHECK(evidence.nodes[0].after.signal == 9);
  CHECK(now() - begun < seconds(60));
}

TEST_CASE("stop ends in order, and kills a broker that does not end") {
  test::FakeCluster cluster(2);
  Evidence orderly;
  make("stop")->inject(cluster, {NodeId(1)}, orderly);
  CHECK(orderly.nodes[0].after.exit_code == 143);
  cluster.fake.stubborn = true;
  Evidence forced;
  make("stop")->inject(cluster, {NodeId(2)}, forced);
  CHECK(forced.nodes[0].after.signal == 9);
}

TEST_CASE("restart leaves a new process behind") {
  test::FakeCluster cluster(2);
  Evidence evidence;
  make("restart")->inject(cluster, {NodeId(1)}, evidence);
  CHECK(evidence.nodes[0].before.host_pid == 1);
  CHECK(evidence.nodes[0].after.host_pid > 1000);
}

TEST_CASE("a fault without effect is told, never passed over") {
  for (const std::string name : {"kill", "stop", "pause", "restart"}) {
    test::FakeCluster cluster(2);
    cluster.fake.deaf = true;
    Evidence evidence;
    INFO(name);
    CHECK_THROWS_AS(make(name)->inject(cluster, {NodeId(1)}, evidence), FaultIneffective);
  }
}

TEST_CASE("a pause that was not seen is taken back all the same: it may come late") {
  test::FakeCluster cluster(1);
  cluster.fake.deaf = true;
  Evidence evidence;
  const auto pause = make("pause");
  CHECK_THROWS_AS(pause->inject(cluster, {NodeId(1)}, evidence), FaultIneffective);
  CHECK(pause->heal(cluster, evidence).empty());
  CHECK(cluster.fake.signals.back() == std::pair{NodeId(1), Signal::resume});
}

TEST_CASE("a kill whose effect comes late is healed all the same") {
  test::FakeCluster cluster(1);
  cluster.fake.deaf = true;
  Evidence evidence;
  const auto kill = make("kill", "60s");
  CHECK_THROWS_AS(make("kill")->inject(cluster, {NodeId(1)}, evidence), FaultIneffective);
  const std::jthread late([&] {
    std::this_thread::sleep_for(milliseconds(20));
    cluster.fake.deaf = false;
    cluster.fake.signal(NodeId(1), Signal::kill);
  });
  CHECK(kill->heal(cluster, evidence).empty());
  CHECK(cluster.fake.state(NodeId(1)).kind == ProcessState::Kind::running);
  CHECK(cluster.fake.state(NodeId(1)).host_pid > 1000);
}

TEST_CASE("a fault on a node that is gone, or on nobody, is ineffective") {
  test::FakeCluster cluster(2);
  cluster.fake.signal(NodeId(1), Signal::kill);
  Evidence evidence;
  CHECK_THROWS_AS(make("kill")->inject(cluster, {NodeId(1)}, evidence), FaultIneffective);
  Evidence nobody;
  CHECK_THROWS_AS(make("pause")->inject(cluster, {}, nobody), FaultIneffective);
}

TEST_CASE("a heal that fails says so") {
  test::FakeCluster cluster(2);
  Evidence evidence;
  const auto kill = make("kill");
  kill->inject(cluster, {NodeId(1)}, evidence);
  cluster.fake.startable = false;
  const auto failures = kill->heal(cluster, evidence);
  REQUIRE(failures.size() == 1);
  CHECK(failures[0] == "node 1: no room to start");
}

}  // namespace
}  // namespace seatrial
