// Values of properties and texts of scenarios: what is converted, warned of, and where it stands.
#include <algorithm>
#include <cstdint>

#include "scenario/places.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;

namespace {

std::string scenario_of(const std::string& properties, const std::string& size = "256B",
                        const std::string& topic_config = "{}",
                        const std::string& cluster_config = "{}") {
  return "name: x\n"
         "cluster: {kind: mock, brokers: 1, config: " +
         cluster_config +
         "}\n"
         "topics: {orders: {partitions: 1, replication: 1, config: " +
         topic_config +
         "}}\n"
         "workloads:\n"
         "  p: {kind: producer, topic: orders, rate: 10/s, size: \"" +
         size +
         "\",\n"
         "      properties: " +
         properties + "}\n";
}

bool contains(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(
      lines, [&](const auto& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a value with a unit is converted, and said with its place") {
  const auto outcome =
      test::load(scenario_of("{message.timeout.ms: 30s, queue.buffering.max.messages: 1e6}", "256B",
                             "{retention.ms: 7d}", "{broker.session.timeout.ms: 6s}"));
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  const auto& trial = outcome.plan->trials.front();
  const auto& properties = trial.workloads.front().options.properties("properties");
  CHECK(properties.at("message.timeout.ms") == "30000");
  CHECK(properties.at("queue.buffering.max.messages") == "1000000");
  CHECK(trial.topics.front().config.at("retention.ms") == "604800000");
  CHECK(trial.cluster.config.at("broker.session.timeout.ms") == "6000");
  const auto& said = outcome.plan->warnings;
  CHECK(
      contains(said, "test.yaml:6:40: workload 'p': message.timeout.ms: '30s' is given as 30000"));
  CHECK(contains(said, "queue.buffering.max.messages: '1e6' is given as 1000000"));
  CHECK(contains(said, "topic property retention.ms: '7d' is given as 604800000"));
  CHECK(contains(said, "broker property broker.session.timeout.ms: '6s' is given as 6000"));
  CHECK(test::load(scenario_of("{}")).plan->warnings.empty());
}

TEST_CASE("what the harness reads of Kafka's is checked without Kafka's definitions") {
  auto request = test::request("test.yaml", scenario_of("{}", "256B", "{retention.ms: forever}"));
  request.names.kafka.clear();
  const auto outcome = scenario::load(request);
  REQUIRE_FALSE(outcome.plan);
  CHECK(outcome.diagnostics.front().message.find("'retention.ms': 'forever' is not a whole") !=
        std::string::npos);
}

TEST_CASE("messages above what client or topic take are warned of") {
  const auto warned = [](const std::string& properties, const std::string& size,
                         const std::string& topic = "{}", const std::string& cluster = "{}") {
    const auto outcome = test::load(scenario_of(properties, size, topic, cluster));
    INFO(scenario::to_text(outcome.diagnostics));
    REQUIRE(outcome.plan);
    return outcome.plan->warnings;
  };
  CHECK(contains(warned("{}", "5MB"),
                 "a message of 5000000 bytes is above the client's "
                 "message.max.bytes, 1000000: it fails as "
                 "MSG_SIZE_TOO_LARGE"));
  CHECK(contains(warned("{}", "uniform(1kB, 5MB)"), "5000000 bytes is above"));
  CHECK(contains(warned("{message.max.bytes: 10MB}", "5MB"),
                 "above max.message.bytes that topic 'orders' has from its brokers, 1048588"));
  CHECK(contains(warned("{}", "5kB", "{max.message.bytes: 4kB}"),
                 "above max.message.bytes of topic 'orders', 4000"));
  CHECK(contains(warned("{}", "5kB", "{}", "{message.max.bytes: 4kB}"), "from its brokers, 4000"));
  CHECK_FALSE(contains(warned("{message.max.bytes: 10MB}", "5MB", "{max.message.bytes: 6MB}"),
                       "MSG_SIZE_TOO_LARGE"));
  CHECK_FALSE(contains(warned("{}", "256B"), "MSG_SIZE_TOO_LARGE"));
  CHECK(contains(warned("{}", "1000000B"),
                 "a message of 1000000 bytes, with its key and their record's head, is above the "
                 "client's message.max.bytes, 1000000"));
  CHECK_FALSE(contains(warned("{}", "999964B"), "MSG_SIZE_TOO_LARGE"));
  CHECK(contains(warned("{}", "999965B"), "MSG_SIZE_TOO_LARGE"));
}

TEST_CASE("bytes that are not UTF-8 are told with their place, wherever they come from") {
  const auto first = [](const scenario::Outcome& outcome) {
    REQUIRE_FALSE(outcome.plan);
    return outcome.diagnostics.front().text();
  };
  CHECK(first(test::load("name: x\ntitle: a\xff"
                         "b\n")) ==
        "test.yaml:2:9: the byte 0xff is not UTF-8: a scenario is a text in UTF-8, so save it as "
        "such");
  CHECK(first(test::load("\xef\xbb\xbf"
                         "name: \xe4\n"))
            .starts_with("test.yaml:1:7: "));
  CHECK(first(test::load(scenario_of("{}"), {"title=\xff"})).find("0xff is not UTF-8") !=
        std::string::npos);
  auto request = test::request("test.yaml", scenario_of("{client.id: \"${env:NAME}\"}"));
  request.environment = [](const std::string&) { return std::optional<std::string>("a\xff"); };
  CHECK(first(scenario::load(request)).find("environment variable 'NAME': the byte 0xff") !=
        std::string::npos);
}

TEST_CASE("a byte order mark before a scenario is no part of it") {
  CHECK(test::load("\xef\xbb\xbf" + scenario_of("{}")).plan);
}

TEST_CASE("seeds and durations have bounds") {
  const auto text = scenario_of("{}");
  CHECK(test::load("seed: 18446744073709551615\n" + text).plan->seed == UINT64_MAX);
  CHECK_FALSE(test::load("seed: 18446744073709551616\n" + text).plan);
  CHECK_FALSE(test::load("seed: -1\n" + text).plan);
  CHECK_FALSE(test::load(text, {"phases.measure=106751d"}).plan);
}

TEST_CASE("what turns out wrong later is found in the text again") {
  const auto outcome = test::load(scenario_of("{}", "256B", "{retention.ms: 5}"),
                                  {"cluster.config.num.io.threads=3"});
  REQUIRE(outcome.plan);
  const auto at = [&](std::vector<std::string> keys) {
    return scenario::written_at(*outcome.plan, keys);
  };
  CHECK(at({"topics", "orders", "config", "retention.ms"}) == "test.yaml:3:73");
  CHECK(at({"topics", "orders", "config", "other"}) == "test.yaml:3:50");
  CHECK(at({"cluster", "config", "num.io.threads"}) == "--set cluster.config.num.io.threads=3");
}
