// Expectations that no trial can decide are told before anything runs, with what they need.
#include <algorithm>

#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;

namespace {

// The warnings of a scenario with that producer, that reader, that topic and that expectation.
struct Asked {
  std::string expect;
  std::string produce = "rate: 200/s";
  std::string topic = "{}";
  std::string read = "{kind: consumer, topic: orders}";
  std::string cluster = "kind: local";
};

std::vector<std::string> warnings(const Asked& asked) {
  const auto outcome = test::load(
      "name: t\ncluster: {" + asked.cluster + ", brokers: 3}\ntopics: {orders: " + asked.topic +
      "}\nworkloads:\n  produce: {kind: producer, topic: orders, " + asked.produce + "}\n  read: " +
      asked.read + "\nphases: {warmup: 5s, measure: 10s}\nexpect:\n  - {" + asked.expect + "}\n");
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  std::vector<std::string> out;
  for (const auto& warning : outcome.plan->warnings) {
    if (warning.find("expect: ") != std::string::npos) out.push_back(warning);
  }
  return out;
}

bool reported(const Asked& asked, const std::string& why) {
  const auto found = warnings(asked);
  for (const auto& warning : found) UNSCOPED_INFO(warning);
  return found.size() == 1 && found[0].find(why) != std::string::npos;
}

bool silent(const Asked& asked) { return warnings(asked).empty(); }

}  // namespace

TEST_CASE("a percentile with too few messages is told with the count that it needs") {
  CHECK(warnings({"that: p99.9(produce.response) < 50ms"}) ==
        std::vector<std::string>{
            "test.yaml:9:5: expect: 'p99.9(produce.response) < 50ms' cannot be decided: it needs "
            "10,000 messages in measure, and of 'produce' there are 2,000 at most: so only the "
            "maximum, or a percentile below, can decide it; measure for 50 s or offer more"});
  CHECK(silent({"that: p99(produce.response) < 50ms"}));
  CHECK(silent({"that: max(produce.response) < 50ms"}));
  CHECK(reported({"that: p99.9(response) < 50ms"}, "needs 10,000"));
  CHECK(reported({"that: p99.9(read.end_to_end) < 50ms"}, "of 'read' there are 2,000"));
  CHECK(reported({"that: p99.9(response) < 50ms, outside: faults"},
                 "10,000 messages in measure outside"));
  // `count` is of the whole load, warm-up included; a closed loop without it is anybody's guess.
  CHECK(silent({"that: p99(response) < 50ms", "rate: 200/s, count: 2000"}));
  CHECK(reported({"that: p99(response) < 50ms", "rate: 200/s, count: 1999"}, "there are 999"));
  CHECK(reported({"that: p99(response) < 50ms", "rate: max, count: 500"}, "there are 500"));
  CHECK(silent({"that: p99.9(response) < 50ms", "rate: max"}));
}

TEST_CASE("a load that ends within warm-up has nothing to expect latencies of") {
  CHECK(reported({"that: max(produce.response) < 1s", "rate: 200/s, count: 1000"},
                 "no message of 'produce' falls due within measure"));
  CHECK(reported({"that: p50(read.end_to_end) < 1s", "rate: 0.1/s, count: 1"},
                 "no message of 'read' falls due within measure"));
}

TEST_CASE("a scenario that puts nothing to the test is told before it runs") {
  const auto said = [](const std::string& workloads) {
    const auto outcome = test::load("name: t\ntopics: {orders: {}}\nworkloads:\n" + workloads +
                                    "phases: {warmup: 5s, measure: 10s}\n");
    REQUIRE(outcome.plan);
    return std::ranges::count_if(outcome.plan->warnings, [](const std::string& warning) {
      return warning.find("test.yaml:3:1: workloads: the trial will be invalid") == 0;
    });
  };
  CHECK(said("  read: {kind: consumer, topic: orders}\n") == 1);
  CHECK(said("  p: {kind: producer, topic: orders, rate: 10/s, count: 50}\n") == 1);
  CHECK(said("  p: {kind: producer, topic: orders, rate: 10/s, count: 51}\n") == 0);
  CHECK(said("  p: {kind: producer, topic: orders, rate: 0.05/s}\n") == 1);
  CHECK(said("  p: {kind: producer, topic: orders, rate: max}\n") == 0);
  // A load that ends early, beside one that does not.
  CHECK(said("  p: {kind: producer, topic: orders, rate: 10/s, count: 5}\n"
             "  q: {kind: producer, topic: orders, rate: 10/s}\n") == 0);
}

TEST_CASE("metrics that a workload, a topic or a cluster cannot have are told") {
  const std::string acks_zero = "rate: 200/s, properties: {acks: 0}";
  CHECK(reported({"that: p50(produce.response) < 1s", acks_zero}, "with acks=0 nothing is acked"));
  CHECK(reported({"that: unavailability < 1s", acks_zero}, "with acks=0"));
  CHECK(reported({"that: acked_lost == 0", acks_zero}, "with acks=0"));
  CHECK(silent({"that: sent_lost == 0", acks_zero}));
  CHECK(silent({"that: acked_lost == 0"}));
  CHECK(reported({"that: revoked == 0"}, "only groups' members own partitions"));
  CHECK(reported({"that: read.members_served == 2"}, "only groups have members"));
  CHECK(reported({"that: transactions_committed > 0"}, "kind transactional"));
  CHECK(reported({"that: torn == 0"}, "kind transactional"));
  CHECK(reported({"that: latest_value_lost == 0"}, "kind compacted"));
  CHECK(reported({"that: compacted_away > 0"}, "the topic is not compacted"));
  CHECK(reported({.expect = "that: under_replicated == 0", .cluster = "kind: compose"},
                 "containers"));
  CHECK(reported({.expect = "that: broker_cpu < 1", .cluster = "kind: mock"}, "the mock"));
  CHECK(silent({"that: under_replicated == 0"}));
}

TEST_CASE("what holds or fails whatever happens is told") {
  CHECK(warnings({"that: acked_lost >= 0"}) ==
        std::vector<std::string>{"test.yaml:9:5: expect: 'acked_lost >= 0' holds whatever happens: "
                                 "it is never below 0"});
  CHECK(reported({"that: acked_lost == -1"}, "can never hold"));
  CHECK(
      reported({"that: unknown_share <= 100%"}, "holds whatever happens: it lies between 0 and 1"));
  CHECK(reported({"that: unknown_share < -1"}, "can never hold"));
  CHECK(reported({"control: acked >= 0"}, "shows nothing"));
  CHECK(reported({"that: p99(response) >= 0ms"}, "holds whatever happens"));
  CHECK(silent({"that: unknown_share <= 99%"}));
  CHECK(silent({"that: acked > 0"}));
  CHECK(silent({"that: acked != 0"}));
  CHECK(reported({"that: sent_lost == 0"}, "holds whatever happens: only with acks=0"));
  CHECK(reported({"that: sent_lost > 0"}, "can never hold: only with acks=0"));
  CHECK(reported({"that: aborted_read == 0"}, "holds whatever happens: only workloads of kind"));
  CHECK(reported({"that: expired == 0"}, "Kafka's own is a week"));
  CHECK(silent({.expect = "that: expired == 0", .topic = "{config: {retention.ms: 1000}}"}));
}

TEST_CASE("an expectation of a load that is idle in measure is told") {
  CHECK(reported({"that: produce.failed == 0", "rate: 0.05/s"},
                 "no message of 'produce' falls due within measure"));
}

TEST_CASE("a warm-up too short to see a steady load is told where latencies are expected") {
  const auto said = [](const std::string& warmup) {
    const auto outcome = test::load(
        "name: t\ncluster: {kind: local}\ntopics: {orders: {}}\nworkloads: {p: {kind: producer, "
        "topic: orders, rate: 100/s}}\nphases: {warmup: " +
        warmup + ", measure: 30s}\nexpect: [{that: p50(response) < 1s}]\n");
    REQUIRE(outcome.plan);
    return std::ranges::count_if(outcome.plan->warnings, [](const std::string& warning) {
      return warning.find("too short to see a steady load; give it 5 s") != std::string::npos;
    });
  };
  CHECK(said("{at_least: 1s, at_most: 4s}") == 1);
  CHECK(said("{at_least: 1s, at_most: 5s}") == 0);
  CHECK(said("1s") == 0);
}
