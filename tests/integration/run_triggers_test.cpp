// Triggers and operations on real brokers: what strikes after so many acks, when replicas are
// missing, and when another fault is in force or healed; and that brokers tell of what was done.
#include <set>

#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// Brokers that elect preferred leaders by themselves could be first.
constexpr const char* triggered_scenario = R"(name: triggers
cluster: {kind: local, brokers: 3, controllers: 1, config: {auto.leader.rebalance.enable: false}}
topics:
  orders: {partitions: 2, replication: 3, config: {min.insync.replicas: 2}}
  alone: {partitions: 1, replication: 1}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s, properties: {acks: all}}
  fill: {kind: producer, topic: alone, rate: 200/s, size: 1KiB}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 16s}
timeline:
  - {after: 700 acked, name: hush, fault: pause, target: follower(orders/0), heal_after: 4s}
  - {when: isr(orders/0) < 3, fault: alter_topic, topic: orders, config: {min.insync.replicas: 1},
     heal_after: 1s}
  - {after: fault hush healed, delay: 3s, name: move, fault: reassign, partition: orders/0}
  - {after: fault move effective, fault: elect, partition: orders/0}
  - {after: fault hush healed, delay: 1s, fault: reassign, partition: alone/0, throttle: 10kB,
     await: start}
)";

TEST_CASE("faults strike when what they wait for has come, and brokers tell of their effects") {
  const json trial = test::run_scenario(test::plan_of(triggered_scenario)).trial();
  INFO(trial.at("reasons").dump(2));
  CHECK(trial.at("verdict") == "pass");
  const json& faults = trial.at("faults");
  REQUIRE(faults.size() == 5);
  for (const json& fault : faults) {
    INFO(fault.dump(2));
    REQUIRE(fault.at("status") == "effective");
    CHECK(fault.at("injection_error_ns").get<std::int64_t>() < 200'000'000);
  }
  const auto injected = [&](std::size_t i) { return faults[i].at("injected_s").get<double>(); };
  const auto healed = [&](std::size_t i) { return faults[i].at("healed_s").get<double>(); };
  CHECK(injected(0) > 0.9);  // 700 acks at 700 a second
  CHECK(injected(1) > injected(0) + 1);
  CHECK(injected(1) < healed(0) + 1);
  CHECK(injected(2) >= healed(0) + 3);
  CHECK(injected(3) >= injected(2));
  CHECK(faults[1].at("evidence").at("facts").at(1) == "after, orders: min.insync.replicas=1");
  CHECK(trial.at("contract").at("topics").at("orders").at("min_insync_replicas") == 1);
  CHECK(faults[2].at("evidence").at("facts").size() == 3);  // before, after, healed
  // Its throttle holds it up for ever, and it is taken back before it has ended: its leader, which
  // would have no replica then, stays.
  const json& facts = faults[4].at("evidence").at("facts");
  REQUIRE(facts.size() == 3);
  const auto state = [&](std::size_t i) {
    const auto fact = facts[i].get<std::string>();
    return fact.substr(fact.find("alone/0"));
  };
  INFO(facts.dump(2));
  CHECK(state(1) != state(0));
  CHECK(state(2) == state(0));
  std::set<int> leaders;
  for (const json& change : trial.at("leadership")) {
    const int leader = change.at("leader");
    if (change.at("topic") == "alone" && leader > 0) leaders.insert(leader);
  }
  CHECK(leaders.size() == 1);
}

}  // namespace
}  // namespace seatrial::run
