// Names on a cluster that others use.
#include "run/names.hpp"

#include "core/check.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"

using namespace seatrial;

namespace {

scenario::TrialPlan trial() {
  const auto loaded = scenario::load({.path = "t.yaml",
                                      .text = R"(
name: names
cluster: {kind: external, bootstrap: "nowhere:1"}
topics: {orders: {}, moved: {}}
workloads:
  produce: {kind: producer, topic: orders, rate: 5/s}
  read: {kind: consumer, topic: orders}
  named: {kind: consumer, topic: orders, group: readers}
  move: {kind: transactional, mode: transform, input: orders, topic: moved, messages: 2}
phases: {measure: 3s}
)",
                                      .settings = {},
                                      .names = {},
                                      .seed = {},
                                      .environment = {},
                                      .ask_library = {}});
  INFO(scenario::to_text(loaded.diagnostics));
  REQUIRE(loaded.plan);
  return loaded.plan->trials.front();
}

}  // namespace

TEST_CASE("names: topics and groups get the prefix wherever they are named") {
  const auto named = run::with_prefix(trial(), "seatrial-r-1-");
  CHECK(named.topics.at(0).name == "seatrial-r-1-orders");
  CHECK(named.topics.at(1).name == "seatrial-r-1-moved");
  CHECK(named.workloads.at(0).options.text("topic") == "seatrial-r-1-orders");
  CHECK_FALSE(named.workloads.at(0).options.has("group"));
  CHECK(named.workloads.at(1).options.text("group") == "seatrial-r-1-read");
  CHECK(named.workloads.at(2).options.text("group") == "seatrial-r-1-readers");
  CHECK(named.workloads.at(3).options.text("input") == "seatrial-r-1-orders");
  CHECK(named.workloads.at(3).options.text("topic") == "seatrial-r-1-moved");
  CHECK(named.workloads.at(3).options.text("group") == "seatrial-r-1-move");
}

TEST_CASE(
    "names: all that a trial makes is known beforehand, and nothing of one that has a cluster") {
  CHECK(run::names_of_topics(trial()).empty());
  CHECK(run::names_of_groups(trial()).empty());
  const auto named = run::with_prefix(trial(), "p-");
  CHECK(run::names_of_topics(named) ==
        std::vector<std::string>{"p-orders", "p-moved", "p-canary", "p-preflight"});
  CHECK(run::names_of_groups(named) ==
        std::vector<std::string>{"p-canary", "p-move", "p-preflight", "p-read", "p-readers"});
}

TEST_CASE("names: one that would be too long for Kafka is refused") {
  CHECK_THROWS_AS(run::with_prefix(trial(), std::string(245, 'x')), UsageError);
}
