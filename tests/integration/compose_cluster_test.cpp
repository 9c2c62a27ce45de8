// Real brokers as containers. Needs an answering container engine; without one these tests fail,
// as a skipped one would prove nothing.
#include <algorithm>
#include <filesystem>
#include <set>

#include "clusters/engine.hpp"
#include "core/network.hpp"
#include "kafka/watch.hpp"
#include "run/audit_log.hpp"
#include "support/cluster_behaviour.hpp"

namespace {

// Containers and networks that carry the run's label, found without the code under test.
int containers_of(const std::string& run) {
  std::ptrdiff_t count = 0;
  for (const auto& list : {std::vector<std::string>{"ps", "-a"}, {"network", "ls"}}) {
    auto command = list;
    command.insert(command.end(), {"-q", "--filter", "label=seatrial.run=" + run});
    const auto found = seatrial::clusters::docker(command, std::chrono::seconds(20));
    REQUIRE(found.ok());
    count += std::count(found.out.begin(), found.out.end(), '\n');
  }
  return static_cast<int>(count);
}

}  // namespace

TEST_CASE("compose: faults reach the processes, and down leaves none") {
  seatrial::behaviour::faults_reach_processes("compose");
}

TEST_CASE("compose: a broker that cannot start fails with its last log lines") {
  seatrial::behaviour::bad_setting_fails_with_log_lines("compose");
}

TEST_CASE("compose: sweep removes what a killed harness left, and only that", "[alone]") {
  seatrial::behaviour::sweep_takes_only_dead_runs("compose", containers_of);
}

TEST_CASE("compose: combined nodes come up") {
  auto with = seatrial::behaviour::setting("compose");
  with.spec.combined = true;
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  CHECK(cluster->nodes().size() == 3);
  CHECK(cluster->down().empty());
  CHECK(containers_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}

TEST_CASE("compose: all traffic goes through a proxy before the nodes, which are cut off by it") {
  auto with = seatrial::behaviour::setting("compose");
  with.spec.brokers = 2;
  with.spec.gear = {seatrial::Gear::proxy};
  with.spec.racks = {"east", "west"};
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  seatrial::kafka::Admin admin(cluster->bootstrap());
  const auto soon = seatrial::now() + std::chrono::seconds(60);
  REQUIRE(admin.create_topics({{"orders", 2, 2, {}}}, soon));
  seatrial::kafka::ClusterWatch watch(cluster->nodes(), {"orders"});
  const std::vector<seatrial::scenario::TopicPlan> orders{
      {.name = "orders", .partitions = 2, .replication = 2, .config = {}}};
  REQUIRE(watch.wait_until(
      [&](const auto& state) { return seatrial::run::fully_replicated(state, orders); }, soon, {}));
  for (const auto& [id, rack] : {std::pair{1, "east"}, std::pair{2, "west"}}) {
    const auto config = admin.describe_broker_config(seatrial::NodeId(id), soon);
    REQUIRE(config);
    CHECK(config->at("broker.rack") == rack);
  }
  REQUIRE(cluster->network() != nullptr);
  for (const auto& connection : cluster->network()->bypassing()) FAIL_CHECK(connection);
  std::set<std::string> listeners;
  while (listeners.size() < 3 && seatrial::now() < soon) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (const auto& link : cluster->network()->counters()) {
      if (link.bytes_in > 0 && link.bytes_out > 0) listeners.insert(link.listener);
      if (link.unmatched != 0) FAIL("an answer to no request");
    }
  }
  CHECK(listeners == std::set<std::string>{"client", "controller", "replication"});
  CHECK(cluster->down().empty());
  CHECK(containers_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}
