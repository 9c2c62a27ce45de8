// The members of a trial as faults see them.
#include "workers/members.hpp"

#include "core/check.hpp"
#include "core/target.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "unit/workers/scripted_worker.hpp"

namespace seatrial::workers {
namespace {

TEST_CASE("of a cluster of members only the processes are others") {
  test::ClusterScript script{.serves = true};
  test::FakeCluster cluster(1, &script);
  Members members;
  MemberCluster of_members(cluster, members);
  of_members.up({});
  CHECK(of_members.kind() == "fake");
  CHECK(of_members.bootstrap() == cluster.bootstrap());
  CHECK(of_members.nodes().size() == 1);
  CHECK(of_members.processes() == &members);
  CHECK(of_members.topic_maker() == static_cast<Cluster&>(cluster).topic_maker());
  CHECK(of_members.facts() == cluster.facts());
  of_members.collect_logs("nowhere");
  CHECK(of_members.down().empty());
  CHECK(script.calls == std::vector<std::string>{"up", "collect_logs", "down"});
}

TEST_CASE("what a fault tells a member reaches its process, and nobody else's") {
  constexpr const char* script = "orders; say joined; order; say report";
  ScriptedWorker first(script), second(script);
  Members members;
  members.add(member_node(0, 1), first.lane);
  members.add(member_node(0, 2), second.lane);
  for (auto* worker : {&first, &second}) {
    worker->run();
    worker->await([&] { return worker->ready.load(); });
  }
  members.signal(member_node(0, 2), Signal::kill);
  second.await([&] { return members.state(member_node(0, 2)).kind == ProcessState::Kind::exited; });
  CHECK(members.state(member_node(0, 1)).kind == ProcessState::Kind::running);
  members.start(member_node(0, 2));
  CHECK(first.end() == "");
  CHECK(second.end() == "");
  CHECK(first.lane.log().without_report == 0);
  CHECK(second.lane.log().without_report == 1);
  CHECK_THROWS_AS(members.state(member_node(0, 3)), InvariantBroken);
}

}  // namespace
}  // namespace seatrial::workers
