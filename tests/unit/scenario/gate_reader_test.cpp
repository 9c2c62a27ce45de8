// `gate:` is two maps of settings and a list of metrics, checked as expectations are.
#include "support/catch.hpp"

#include "scenario/scenario.hpp"

#include "support/text.hpp"

namespace seatrial {
namespace {

using test::contains;

scenario::Outcome with_gate(const std::string& gate) {
  return scenario::load(
      {.path = "s.yaml",
       .text = "name: s\ncluster: {kind: mock}\ntopics:\n  orders: {partitions: 1}\n"
               "workloads:\n  produce: {kind: producer, topic: orders, rate: 100/s}\n"
               "gate:\n" +
               gate,
       .settings = {},
       .names = {},
       .seed = {},
       .environment = {},
       .ask_library = {}});
}

std::string refused_gate(const std::string& gate) {
  const auto outcome = with_gate(gate);
  REQUIRE_FALSE(outcome.plan);
  return scenario::to_text(outcome.diagnostics);
}

TEST_CASE("a gate has two sides, metrics with thresholds, and a budget", "[gate]") {
  const auto outcome = with_gate(
      "  baseline: {cluster.version: 4.2.0}\n"
      "  candidate: {cluster.version: 4.3.1, workloads.produce.properties.linger.ms: 5}\n"
      "  budget: 15m\n"
      "  metrics:\n"
      "    - p50(produce.response)\n"
      "    - {metric: broker_cpu, gates: false}\n"
      "    - {metric: p99(produce.response), delta: 8%, delta_max: 0.2}\n");
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  REQUIRE(outcome.plan->gate);
  const auto& gate = *outcome.plan->gate;
  CHECK(gate.baseline == std::vector<std::string>{"cluster.version=4.2.0"});
  CHECK(gate.candidate == std::vector<std::string>{"cluster.version=4.3.1",
                                                   "workloads.produce.properties.linger.ms=5"});
  CHECK(gate.budget == std::chrono::minutes(15));
  REQUIRE(gate.metrics.size() == 3);
  CHECK(gate.metrics[0].text == "p50(produce.response)");
  CHECK(gate.metrics[0].gates);
  CHECK_FALSE(gate.metrics[0].delta);
  CHECK_FALSE(gate.metrics[1].gates);
  CHECK(gate.metrics[2].delta == 0.08);
  CHECK(gate.metrics[2].delta_max == 0.2);
}

TEST_CASE("what a gate cannot compare is refused at its place", "[gate]") {
  CHECK(contains(refused_gate("  metrics: [p99(produce.responce)]\n"),
                 "s.yaml:8:25: gate: metrics:"));
  CHECK(contains(refused_gate("  metrics: []\n"), "gate: metrics must be a list"));
  CHECK(contains(refused_gate("  metrics: [acked, acked]\n"), "acked stands there twice"));
  CHECK(contains(refused_gate("  baseline: {cluster: {version: 4.2.0}}\n"),
                 "s.yaml:8:23: gate: baseline: cluster takes one value, not a map"));
  CHECK(contains(refused_gate("  metrics: [{metric: acked, delta: 20%, delta_max: 10%}]\n"),
                 "delta_max must be above delta"));
  CHECK(contains(refused_gate("  metrics: [{metric: acked, delta: 0%}]\n"),
                 "must be a share above 0"));
  CHECK(contains(refused_gate("  budget: soon\n"), "s.yaml:8:11: gate: budget"));
  CHECK(contains(refused_gate("  candidat: {a: b}\n"), "unknown key 'candidat'"));
  CHECK(contains(refused_gate("  metrics: [p99(consume.end_to_end)]\n"), "there is no workload"));
}

TEST_CASE("what a side takes from the environment stays a secret", "[gate]") {
  const auto outcome = scenario::load(
      {.path = "s.yaml",
       .text = "name: s\ncluster: {kind: mock}\ntopics:\n  orders: {partitions: 1}\n"
               "workloads:\n  produce: {kind: producer, topic: orders, rate: 100/s}\n"
               "gate: {candidate: {cluster.config.key: \"${env:PASSWORD}\"}}\n",
       .settings = {},
       .names = {},
       .seed = {},
       .environment = [](const std::string&) { return std::optional<std::string>("hunter2"); },
       .ask_library = {}});
  REQUIRE(outcome.plan);
  CHECK(outcome.plan->gate->candidate ==
        std::vector<std::string>{"cluster.config.key=${env:PASSWORD}"});
}

}  // namespace
}  // namespace seatrial
