// Each fault of the network and of requests: the rules it makes, the counters by which its effect
// is seen, and that a network on which nothing happens makes it throw rather than pass.
#include <algorithm>
#include <mutex>
#include <thread>

#include "core/check.hpp"
#include "core/fault.hpp"
#include "core/network.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

// Remembers rules; each acts at once on one connection, one request and a hundred bytes.
class FakeNetwork final : public Network {
 public:
  RuleId add(const NetworkRule& rule) override {
    const std::lock_guard lock(mutex);
    added.push_back(rule);
    in_force.push_back(added.size());
    return added.size();
  }
  void remove(RuleId rule) override {
    const std::lock_guard lock(mutex);
    std::erase(in_force, rule);
  }
  [[nodiscard]] RuleCounters counted(RuleId) const override {
    if (idle) return {.unread = unread};
    return {.connections = 1, .requests = 1, .bytes = 100};
  }
  [[nodiscard]] std::vector<LinkCounters> counters() const override { return {}; }
  [[nodiscard]] std::vector<std::string> bypassing() const override { return around; }
  [[nodiscard]] std::size_t count_added() const {
    const std::lock_guard lock(mutex);
    return added.size();
  }

  mutable std::mutex mutex;
  std::vector<NetworkRule> added;
  std::vector<RuleId> in_force;
  std::vector<std::string> around;
  bool idle = false;
  std::uint64_t unread = 0;  // when idle
};

class NetworkedCluster final : public Cluster {
 public:
  [[nodiscard]] std::string kind() const override { return "fake"; }
  void up(std::stop_token) override {}
  std::vector<std::string> down() noexcept override { return {}; }
  [[nodiscard]] std::string bootstrap() const override { return {}; }
  [[nodiscard]] std::vector<Node> nodes() const override { return {}; }
  [[nodiscard]] Network* network() override { return &fake; }
  void collect_logs(const std::filesystem::path&) override {}
  [[nodiscard]] std::map<std::string, std::string> effective_config() const override { return {}; }

  FakeNetwork fake;
};

using Words = test::FaultWords;

const std::vector<NodeId> two_nodes{NodeId(1), NodeId(2)};

TEST_CASE("faults of the network make a rule for each target, and take it away") {
  using Effect = NetworkRule::Effect;
  struct Case {
    std::string fault;
    Effect effect;
    bool requests;
  };
  for (const auto& one :
       {Case{"cut", Effect::stall, false}, Case{"delay", Effect::delay, false},
        Case{"rate", Effect::limit, false}, Case{"reset", Effect::reset, false},
        Case{"black_hole", Effect::discard, false}, Case{"half_open", Effect::half_open, false},
        Case{"flap", Effect::stall, false}, Case{"drop_requests", Effect::drop, true},
        Case{"hold_requests", Effect::hold, true},
        Case{"duplicate_requests", Effect::duplicate, true},
        Case{"reorder_requests", Effect::reorder, true},
        Case{"answer_error", Effect::answer, true}}) {
    INFO(one.fault);
    NetworkedCluster cluster;
    Evidence evidence;
    const auto fault = test::make_impatient(one.fault);
    CHECK(fault->needs().gear == std::set{Gear::proxy});
    CHECK(fault->needs().readable_requests == one.requests);
    CHECK(fault->effect() == FaultEffect::none);
    fault->inject(cluster, two_nodes, evidence);
    REQUIRE(cluster.fake.in_force.size() == 2);
    CHECK(cluster.fake.added[0].node == NodeId(1));
    CHECK(cluster.fake.added[1].node == NodeId(2));
    CHECK(cluster.fake.added[0].effect == one.effect);
    CHECK(cluster.fake.added[0].requests.has_value() == one.requests);
    CHECK(evidence.nodes.empty());
    CHECK(evidence.counted.size() == 2);
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(cluster.fake.in_force.empty());
    CHECK(evidence.counted.size() >= 4);
    CHECK(fault->heal(cluster, evidence).empty());
  }
}

TEST_CASE("what a fault of the network is to act on stands in its rule") {
  NetworkedCluster cluster;
  Evidence evidence;
  const Peers everybody{.clients = true, .brokers = true, .controllers = true};
  const auto cut = test::make_impatient("cut");
  cut->aim({.clients = true, .nodes = {NodeId(3)}}, Way::in);
  cut->inject(cluster, {NodeId(1)}, evidence);
  test::make_impatient("delay", {{"by", "20ms"}, {"spread", "5ms"}})
      ->inject(cluster, {NodeId(1)}, evidence);
  const auto drop = test::make_impatient(
      "drop_requests",
      {{"api", "Fetch"}, {"drop", "response"}, {"nth", "3"}, {"topic", "orders/4"}});
  drop->aim({.brokers = true}, Way::in);
  drop->inject(cluster, {NodeId(1)}, evidence);
  test::make_impatient("answer_error",
                       {{"error", "19"}, {"client", "load"}, {"probability", "0.5"}})
      ->inject(cluster, {NodeId(1)}, evidence);
  const auto& rules = cluster.fake.added;
  CHECK(rules[0].peers == Peers{.clients = true, .nodes = {NodeId(3)}});
  CHECK(rules[0].way == Way::in);
  CHECK(rules[1].peers == everybody);
  CHECK(rules[1].way == Way::both);
  CHECK(rules[1].by == milliseconds(20));
  CHECK(rules[1].jitter == milliseconds(5));
  CHECK(rules[2].way == Way::out);
  CHECK(rules[2].peers == Peers{.brokers = true});
  CHECK(rules[2].requests ==
        RequestMatch{
            .api = std::int16_t{1}, .topic = "orders", .partition = 4, .every = 3, .seed = 1});
  CHECK(drop->needs().of_partition == TopicPartition{"orders", 4});
  CHECK(rules[3].peers == Peers{.clients = true});
  CHECK(rules[3].error == 19);
  CHECK(rules[3].requests ==
        RequestMatch{.api = std::int16_t{0}, .client = "load", .probability = 0.5, .seed = 1});
}

TEST_CASE("a network on which nothing happens, or past which something goes, is no fault") {
  NetworkedCluster cluster;
  cluster.fake.idle = true;
  Evidence evidence;
  const auto fault = test::make_impatient("cut");
  CHECK_THROWS_WITH(fault->inject(cluster, two_nodes, evidence),
                    "node 1: no connections held within 30 ms");
  CHECK(fault->heal(cluster, evidence).empty());
  CHECK(cluster.fake.in_force.empty());
  cluster.fake.unread = 12;
  CHECK_THROWS_WITH(test::make_impatient("drop_requests", {{"topic", "orders"}})
                        ->inject(cluster, {NodeId(1)}, evidence),
                    "node 1: no requests dropped within 30 ms; of 12 requests nobody could tell "
                    "the topic");
  cluster.fake.idle = false;
  cluster.fake.around = {"port 7 to the client listener of node 1"};
  CHECK_THROWS_AS(fault->inject(cluster, two_nodes, evidence), FaultIneffective);
  test::FakeCluster without(2);
  CHECK_THROWS_AS(fault->inject(without, two_nodes, evidence), FaultIneffective);
}

TEST_CASE("flap cuts again and again until it is healed") {
  NetworkedCluster cluster;
  Evidence evidence;
  const auto flap = test::make_impatient("flap", {{"down", "10ms"}, {"up", "10ms"}});
  flap->inject(cluster, {NodeId(1)}, evidence);
  const Instant deadline = now() + seconds(10);
  while (cluster.fake.count_added() < 4 && now() < deadline)
    std::this_thread::sleep_for(milliseconds(1));
  CHECK(flap->heal(cluster, evidence).empty());
  CHECK(cluster.fake.count_added() >= 4);
  CHECK(cluster.fake.in_force.empty());
  CHECK(evidence.counted.back().kind == "cuts");
  CHECK(evidence.counted.back().value >= 4);
}

TEST_CASE("options of network faults are checked") {
  const auto complaints = [](const std::string& name, const Words& words) {
    return test::problems_of(name, words).size();
  };
  CHECK(complaints("drop_requests", {{"topic", "orders/x"}}) == 1);
  CHECK(complaints("drop_requests", {{"topic", "/1"}}) == 1);
  CHECK(complaints("reorder_requests", {{"by", "0ms"}}) == 1);
  CHECK(complaints("drop_requests", {{"api", "Produec"}}) == 1);
  CHECK(complaints("drop_requests", {{"nth", "0"}, {"probability", "2"}}) == 2);
  CHECK(complaints("answer_error", {{"error", "0"}, {"api", "Metadata"}}) == 2);
  CHECK(complaints("rate", {{"bytes", "10B"}}) == 1);
  CHECK(complaints("flap", {{"down", "1ms"}}) == 1);
  CHECK_THROWS_AS(
      test::make_impatient("drop_requests", {{"api", "Heartbeat"}, {"topic", "orders"}}),
      UsageError);
}

}  // namespace
}  // namespace seatrial
