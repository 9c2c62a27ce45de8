// Quotas on a real broker: clients are held back, that is told by them and by the broker, and the
// audit is free of it.
#include "reports/page/page.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

// Short windows, so that a short load goes beyond what a quota allows.
constexpr const char* limited_clients = R"(name: quotas
cluster:
  kind: local
  brokers: 1
  controllers: combined
  quotas: {producer_byte_rate: 60kB, consumer_byte_rate: 45kB}
  config: {quota.window.num: 2}
topics: {orders: {partitions: 2, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 100/s, size: 1kB, properties: {linger.ms: 5}}
  read: {kind: consumer, topic: orders}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 2500ms}
expect:
  - {that: acked_lost == 0}
)";

TEST_CASE("clients beyond their quota are held back, and say so") {
  const json record = test::run_scenario(test::plan_of(limited_clients)).record;
  const json& trial = record.at("trials").at(0);
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("quotas") == json{{"producer_byte_rate", 60e3}, {"consumer_byte_rate", 45e3}});
  for (const json& workload : trial.at("workloads")) {
    INFO(workload.at("name"));
    CHECK(workload.at("throttle_ns") > 0);
  }
  CHECK(trial.at("generator").at("throttle_ns") > 0);
  const json& broker = trial.at("brokers").at(0);
  INFO(broker.dump(1));
  CHECK(broker.at("requests").at("produce").at("throttle").at("mean_ns") > 0);
  const json& nearest = trial.at("nearest_limit");
  INFO(nearest.dump(1));
  CHECK(nearest.at("name") == "quota");
  CHECK(nearest.at("evidence").get<std::string>().find("producer_byte_rate 60000") !=
        std::string::npos);
  const std::string page = reports::render_page(View(record));
  for (const char* shown :
       {"/trials/0/workloads/0/throttle_ns", "/trials/0/brokers/0/requests/produce/throttle",
        "/trials/0/quotas/producer_byte_rate"}) {
    INFO(shown);
    CHECK(page.find(shown) != std::string::npos);
  }
  const json& audit = trial.at("audit");
  INFO(audit.dump(1));
  CHECK(audit.at("status") == "complete");
  CHECK(audit.at("messages_read") == 300);
}

TEST_CASE("a cluster that knows no quotas refuses them", "[light]") {
  std::string mock = limited_clients;
  mock.replace(mock.find("local"), 5, "mock");
  const json record = test::run_scenario(test::plan_of(mock)).record;
  const json& trial = record.at("trials").at(0);
  CHECK(trial.at("status") == "error");
  CHECK(trial.at("error").get<std::string>().find("AlterClientQuotas") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::run
