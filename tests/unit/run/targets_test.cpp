// Targets become nodes by what the brokers say at that moment.
#include "run/targets.hpp"

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

kafka::ClusterState state() {
  kafka::PartitionState orders{.where = {"orders", 0},
                               .leader = NodeId(2),
                               .epoch = 4,
                               .isr = {NodeId(1), NodeId(2), NodeId(3)},
                               .replicas = {NodeId(1), NodeId(2), NodeId(3)}};
  kafka::PartitionState orphan{
      .where = {"orders", 1}, .leader = NodeId(-1), .epoch = 5, .isr = {}, .replicas = {NodeId(1)}};
  kafka::ClusterState out;
  out.partitions = {orders, orphan};
  out.controller = NodeId(101);
  return out;
}

Result<std::vector<NodeId>> resolve(const std::string& text, kafka::ClusterState s = state(),
                                    std::vector<NodeId> drawn = {}) {
  const std::vector<Node> nodes{{NodeId(1), NodeRole::broker, "a"},
                                {NodeId(2), NodeRole::broker, "b"},
                                {NodeId(3), NodeRole::broker, "c"},
                                {NodeId(101), NodeRole::controller, ""}};
  return run::resolve(*parse_target(text), drawn, s, nodes);
}

TEST_CASE("leader and followers of a partition") {
  CHECK(*resolve("leader(orders/0)") == std::vector{NodeId(2)});
  CHECK(*resolve("followers(orders/0)") == std::vector{NodeId(1), NodeId(3)});
  CHECK(*resolve("follower(orders/0)") == std::vector{NodeId(1)});
}

TEST_CASE("a follower by number, a set, a coordinator") {
  CHECK(*resolve("follower(orders/0, 2)") == std::vector{NodeId(3)});
  CHECK_FALSE(resolve("follower(orders/0, 3)"));
  CHECK(*resolve("[broker(3), leader(orders/0), followers(orders/0)]") ==
        std::vector{NodeId(1), NodeId(2), NodeId(3)});
  CHECK_FALSE(resolve("[broker(3), leader(orders/1)]"));
  CHECK(resolve("cluster")->empty());
  CHECK_FALSE(resolve("coordinator(group readers)"));
  const auto asked = [](const Target& target) -> Result<NodeId> {
    if (target.transactional) return Error{"nobody knows", ""};
    return NodeId(target.name == "readers" ? 2 : 1);
  };
  const auto answer =
      run::resolve(*parse_target("coordinator(group readers)"), {}, state(), {}, asked);
  CHECK(*answer == std::vector{NodeId(2)});
  CHECK_FALSE(
      run::resolve(*parse_target("coordinator(transactional id t)"), {}, state(), {}, asked));
}

Result<Linked> linked(const std::string& text) {
  const std::vector<Node> nodes{{NodeId(1), NodeRole::broker, "a"},
                                {NodeId(2), NodeRole::broker, "b"},
                                {NodeId(3), NodeRole::broker, "c"},
                                {NodeId(101), NodeRole::controller, ""}};
  return resolve_link(*parse_target(text), state(), nodes);
}

TEST_CASE("a link's rules are those of its right end, or of its left one to a group") {
  const auto replication = linked("leader(orders/0) -> followers(orders/0)");
  REQUIRE(replication);
  CHECK(replication->nodes == std::vector{NodeId(1), NodeId(3)});
  CHECK(replication->peers == Peers{.nodes = {NodeId(2)}});
  CHECK(replication->way == Way::in);
  const auto asking = linked("clients -> leader(orders/0)");
  CHECK(asking->nodes == std::vector{NodeId(2)});
  CHECK(asking->peers == Peers{.clients = true});
  CHECK(asking->way == Way::in);
  const auto answers = linked("leader(orders/0) -> clients, broker(3)");
  CHECK(answers->nodes == std::vector{NodeId(2)});
  CHECK(answers->peers == Peers{.clients = true, .nodes = {NodeId(3)}});
  CHECK(answers->way == Way::out);
  const auto both = linked("leader(orders/0) <-> brokers, controllers");
  CHECK(both->peers == Peers{.brokers = true, .controllers = true});
  CHECK(both->way == Way::both);
  CHECK(linked("controller <-> 1")->peers == Peers{.nodes = {NodeId(101)}});
  CHECK(linked("leader(orders/0) -> broker(2)").error().message ==
        "both ends of leader(orders/0) -> broker(2) are node 2");
  CHECK(linked("leader(orders/1) -> broker(2)").error().message == "orders/1 has no leader");
}

TEST_CASE("the active controller, or the only one there is") {
  CHECK(*resolve("controller") == std::vector{NodeId(101)});
  auto unknown = state();
  unknown.controller = NodeId(-1);
  CHECK(*resolve("controller", unknown) == std::vector{NodeId(101)});
}

TEST_CASE("a controller by its number, in the order of ids, whoever is active") {
  const std::vector<Node> separate{{NodeId(1), NodeRole::broker, "a"},
                                   {NodeId(103), NodeRole::controller, ""},
                                   {NodeId(101), NodeRole::controller, ""},
                                   {NodeId(102), NodeRole::controller, ""}};
  const auto of = [&](const std::string& text) {
    return run::resolve(*parse_target(text), {}, state(), separate);
  };
  CHECK(*of("controller(1)") == std::vector{NodeId(101)});
  CHECK(*of("[controller(3), controller(2)]") == std::vector{NodeId(102), NodeId(103)});
  CHECK(of("controller(4)").error().message == "the cluster has no controller(4)");
  const std::vector<Node> combined{{NodeId(1), NodeRole::combined, "a"},
                                   {NodeId(2), NodeRole::combined, "b"},
                                   {NodeId(3), NodeRole::broker, "c"}};
  CHECK(*run::resolve(*parse_target("controller(2)"), {}, state(), combined) ==
        std::vector{NodeId(2)});
}

TEST_CASE("what the plan drew is taken as it is") {
  CHECK(*resolve("minority", state(), {NodeId(3)}) == std::vector{NodeId(3)});
}

TEST_CASE("nobody to hit is an error with a reason") {
  CHECK(resolve("leader(orders/1)").error().message == "orders/1 has no leader");
  CHECK(!resolve("leader(orders/7)"));
}

}  // namespace
}  // namespace seatrial::run
