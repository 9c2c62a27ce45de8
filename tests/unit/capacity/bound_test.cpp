// What is said to have given way between two loads: what judge's constraints find in their trials.
#include "capacity/bound.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::capacity {
namespace {

using nlohmann::json;

json trial(double broker_cpu, double handler_idle) {
  return {{"phases", {{{"name", "measure"}, {"from_s", 0}, {"to_s", 5}}}},
          {"brokers", {{{"node", 1}, {"cpu", broker_cpu}, {"handler_idle", handler_idle}}}}};
}

json record() {
  return {{"environment", {{"cores", 2}}},
          {"trials", {trial(0.5, 0.9), trial(1.9, 0.1), trial(0.7, 0.9)}}};
}

TEST_CASE("capacity bound: what is saturated at the upper load, and what is beside it") {
  const json run = record();
  const Bound bound = bound_between(View(run), {0}, {1}, false);
  CHECK(bound.name == "broker_cpu");
  CHECK(bound.text == "node 1 used 1.90 of its 2 cores");
  REQUIRE(bound.evidence.size() == 1);
  CHECK(bound.evidence[0].find("also at its limit, request_queue: ") == 0);
}

TEST_CASE("capacity bound: what is not known, and the generator, are no limit of the cluster") {
  const json run = record();
  CHECK(bound_between(View(run), {0}, {2}, false).name == "not_seen");
  CHECK(bound_between(View(run), {0}, {}, false).name == "not examined");
  CHECK(bound_between(View(run), {0}, {7}, false).name == "not examined");
  CHECK(bound_between(View(run), {0}, {1}, true).name == "generator");
}

}  // namespace
}  // namespace seatrial::capacity
