// A broker that is given half a core, on a real one: what is named as nearest its limit is its CPU.
// A quota is in run_quotas_test.cpp; all others are tested over records (unit/judge).
#include "clusters/control_group.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"
#include "support/skip.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// A request for each message: what costs a broker most.
constexpr const char* half_a_core = R"(name: half-a-core
cluster: {kind: local, brokers: 1, controllers: combined, cpus: 0.5}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce:
    kind: producer
    topic: orders
    rate: 3000/s
    size: 100B
    properties: {linger.ms: 0, batch.num.messages: 1}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 4s}
)";

TEST_CASE("a broker at the limit of its cores is named with what it used", "[alone]") {
  if (const auto why = clusters::GroupTrees().lacks({clusters::Controller::cpu}))
    SEATRIAL_SKIP(*why);
  const json record = test::run_scenario(test::plan_of(half_a_core)).record;
  const json& trial = record.at("trials").at(0);
  INFO(trial.dump(1));
  REQUIRE(trial.at("status") == "finished");
  const json& broker = trial.at("brokers").at(0);
  CHECK(broker.at("handler_idle") >= 0);  // its JVM told
  CHECK(broker.at("handler_idle") <= 1);
  const json& nearest = trial.at("nearest_limit");
  CHECK(nearest.at("name") == "broker_cpu");
  CHECK(nearest.at("strength") >= 0.85);
  CHECK(nearest.at("evidence").get<std::string>().find("of its 0.5 cores") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::run
