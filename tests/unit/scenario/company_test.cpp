// What workloads of one trial mean for each other, told before anything runs.
#include <algorithm>

#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;

namespace {

using seatrial::test::contains;

scenario::Outcome load_with(const std::string& workloads, const std::string& timeline = "") {
  return test::load(
      "name: t\ncluster: {kind: local}\ntopics:\n  orders: {}\n  table: {config: {cleanup.policy: "
      "compact}}\nworkloads:\n" +
      workloads + "phases: {warmup: 5s, measure: 10s}\n" + timeline);
}

std::string problem(const std::string& workloads, const std::string& timeline = "") {
  const auto outcome = load_with(workloads, timeline);
  return outcome.plan ? "" : scenario::to_text(outcome.diagnostics);
}

std::string warnings_of(const std::string& workloads) {
  const auto outcome = load_with(workloads);
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  std::string out;
  for (const auto& warning : outcome.plan->warnings) out += warning + "\n";
  return out;
}

const std::string produce = "  p: {kind: producer, topic: orders, rate: 100/s}\n";

}  // namespace

TEST_CASE("a compacted workload has its topic for itself") {
  const std::string keys = "  k: {kind: compacted, topic: table, rate: 100/s}\n";
  CHECK(problem(keys).empty());
  CHECK(contains(problem(keys + "  q: {kind: compacted, topic: table, rate: 100/s}\n"),
                 "test.yaml:7:31: workload 'k': topic: 'q' writes to 'table', too"));
  CHECK(contains(problem(keys + "  q: {kind: producer, topic: table, rate: 100/s}\n"),
                 "must be the only writer"));
  CHECK(contains(warnings_of("  k: {kind: compacted, topic: orders, rate: 100/s}\n"),
                 "topic 'orders' is not compacted; give it cleanup.policy: compact"));
  CHECK(warnings_of(keys).empty());
}

TEST_CASE("who reads what nobody writes is told") {
  CHECK(contains(warnings_of(produce + "  r: {kind: consumer, topic: table}\n"),
                 "workload 'r': nobody writes to topic 'table'"));
  CHECK(warnings_of(produce + "  r: {kind: consumer, topic: orders}\n").empty());
}

TEST_CASE("members come and go within measure, once each") {
  const auto group = [](const std::string& rest) {
    return produce + "  g: {kind: group, topic: orders, members: 3, " + rest + "}\n";
  };
  CHECK(problem(group("join: {3: 9s}, leave: {1: 9s}")).empty());
  CHECK(contains(problem(group("join: {3: 10s}")),
                 "workload 'g': join: member 3 would at 10 s, and measure lasts 10 s"));
  CHECK(contains(problem(group("leave: {1: 1h}")), "leave: member 1 would at"));
  CHECK(contains(problem(group("join: {3: 1s, +3: 2s}")), "member 3 is named twice"));
}

TEST_CASE("a fault meets a member that is there") {
  const std::string group =
      produce + "  g: {kind: group, topic: orders, members: 3, join: {3: 5s}, leave: {1: 4s}}\n";
  const auto kill = [&](const std::string& member, const std::string& at) {
    return problem(group,
                   "timeline: [{at: " + at + ", fault: kill, target: member(" + member + ")}]\n");
  };
  CHECK(kill("3", "5s").empty());
  CHECK(contains(kill("3", "4s"), "member(3) joins at 5 s: it is not there at 4 s"));
  CHECK(kill("1", "3s").empty());
  CHECK(contains(kill("1", "4s"), "member(1) leaves at 4 s: it is not there at 4 s"));
}

TEST_CASE("options that another one would have to ask for are refused") {
  const auto refused = [](const std::string& options) {
    return problem(produce + "  t: {kind: transactional, topic: table, rate: 1/s, " + options +
                   "}\n");
  };
  CHECK(contains(refused("input: orders"), "input: only mode transform reads one"));
  CHECK(contains(refused("group: g"), "group: only mode transform is in one"));
  CHECK(contains(refused("hang_for: 1s"), "hang_for needs the option `hang_every`"));
}

TEST_CASE("a shape that is not whole is told with its form") {
  const auto refused = [](const std::string& options) {
    return problem("  p: {kind: producer, topic: orders, rate: 100/s, " + options + "}\n");
  };
  CHECK(contains(refused("arrivals: bursts"), "is not written as bursts(N) or bursts(N, TIME)"));
  CHECK(contains(refused("arrivals: ramp(1/s)"), "is not written as ramp(RATE, TIME)"));
  CHECK(contains(refused("arrivals: gaps(tr/x.txt"), "has no ) at its end"));
  CHECK(contains(refused("arrivals: burst(5)"), "did you mean 'bursts'?"));
  CHECK(contains(refused("size: uniform(100B"), "is not written as uniform(100B, 1KiB)"));
}
