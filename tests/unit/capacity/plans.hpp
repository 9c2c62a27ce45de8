// Trials of a scenario, for tests of searches.
#pragma once

#include <string>
#include <vector>

#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

namespace seatrial::capacity::by_hand {

inline const std::string scenario_text = R"(name: searched
cluster: {kind: mock, brokers: 1, controllers: combined}
topics: {orders: {partitions: 2, replication: 1}, other: {partitions: 1, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 3000/s, size: 1KiB, properties: {linger.ms: 5}}
  more: {kind: producer, topic: other, rate: 1000/s, size: 2KiB}
  read: {kind: consumer, topic: orders, group: readers}
phases: {warmup: 5s, measure: 10s}
)";

inline scenario::TrialPlan trial_of(const std::vector<std::string>& settings = {},
                                    const std::string& text = scenario_text) {
  auto outcome = test::load(text, settings);
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  return outcome.plan->trials.front();
}

}  // namespace seatrial::capacity::by_hand
