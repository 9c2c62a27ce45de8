// How long whole runs on the mock warm up, and what they say of loads that never get steady. Says
// nothing about Kafka.
#include <cmath>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

json trial_of(const std::string& workloads, const std::string& phases) {
  const auto plan = test::plan_of(
      "name: warm\n"
      "cluster: {kind: mock, brokers: 1}\n"
      "topics: {orders: {partitions: 1, replication: 1}}\n"
      "workloads: {" +
      workloads + "}\nphases: {" + phases +
      "}\n"
      "expect:\n"
      "  - {that: acked > 0}\n"
      "  - {that: p50(response) < 1h}\n");
  return test::run_scenario(plan).trial();
}

double lasted_s(const json& trial) {
  return trial.at("/warmup/lasted_ns"_json_pointer).get<double>() / 1e9;
}

std::string doubts(const json& trial) { return trial.value("latency_unknown", json()).dump(); }

std::string reasons(const json& trial) { return trial.at("reasons").dump(); }

TEST_CASE("measure begins when the load is steady, with a whole second after the least warm-up",
          "[alone]") {
  const json trial = trial_of("produce: {kind: producer, topic: orders, rate: 500/s}",
                              "warmup: {at_least: 1500ms, at_most: 40s}, measure: 1s");
  INFO(trial.at("warmup").dump(1));
  CHECK(trial.at("/warmup/steady"_json_pointer) == true);
  CHECK(lasted_s(trial) >= 5.5);
  CHECK(lasted_s(trial) < 40);
  CHECK(lasted_s(trial) - 1.5 == Approx(std::round(lasted_s(trial) - 1.5)));
  const json& response = trial.at("/workloads/0/latency/response"_json_pointer);
  CHECK(response.at("count") == 500);  // of measure alone
  const json& phases = trial.at("phases");
  CHECK(phases.at(0).at("from_s").get<double>() == Approx(-lasted_s(trial)));
  CHECK(phases.at(1).at("from_s") == 0.0);
  const json& points = trial.at("/series/0/points"_json_pointer);
  CHECK(points.front().at("t_s").get<double>() == Approx(std::floor(-lasted_s(trial))));
  CHECK(trial.at("machine").front().at("t_s") < 0);
}

TEST_CASE("a load that is never steady is audited, and every latency of it is unknown", "[light]") {
  // The client takes ten messages every 20 ms, and a thousand fall due each second.
  const json trial = trial_of(
      "produce: {kind: producer, topic: orders, rate: 1000/s, properties: "
      "{queue.buffering.max.messages: 10, linger.ms: 20}}",
      "warmup: {at_least: 1s, at_most: 7s}, measure: 2s");
  INFO(trial.dump(1));
  CHECK(trial.at("/warmup/steady"_json_pointer) == false);
  CHECK(lasted_s(trial) == Approx(7));
  CHECK(doubts(trial).find("workload 'produce' was not steady after 7 s of warm-up") !=
        std::string::npos);
  CHECK(doubts(trial).find("offer less") != std::string::npos);
  // What it waited for at last is why it gave up.
  const auto last = trial.at("/warmup/waited_for/0/last"_json_pointer).get<std::string>();
  CHECK(doubts(trial).find("warm-up: " + last + "; ") != std::string::npos);
  CHECK(trial.at("/audit/status"_json_pointer) == "complete");
  CHECK(reasons(trial).find("cannot tell 'p50(response) < 1h'") != std::string::npos);
  CHECK(trial.at("verdict") != "pass");
}

TEST_CASE("a load that ends by itself is not used up by waiting", "[light]") {
  const json trial = trial_of("produce: {kind: producer, topic: orders, rate: 100/s, count: 600}",
                              "warmup: {at_least: 1s, at_most: 40s}, measure: 2s");
  INFO(trial.at("warmup").dump(1));
  CHECK(lasted_s(trial) == Approx(4));
  CHECK(trial.at("/workloads/0/latency/response/count"_json_pointer) == 200);
}

TEST_CASE("a warm-up too short to see anything is no steady state", "[light]") {
  const json trial = trial_of("produce: {kind: producer, topic: orders, rate: 100/s}",
                              "warmup: {at_least: 200ms, at_most: 200ms}, measure: 1s");
  CHECK(lasted_s(trial) == Approx(0.2));
  CHECK(doubts(trial).find("too short to see a steady load") != std::string::npos);
}

}  // namespace
}  // namespace seatrial::run
