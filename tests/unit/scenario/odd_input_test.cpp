// What is hardly a scenario, or asks for what cannot be: told with its place, in bounded time.
#include <string>

#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;

namespace {

using seatrial::test::contains;

std::string said(const std::string& text, std::vector<std::string> settings = {}) {
  const auto outcome = test::load(text, std::move(settings));
  return outcome.plan ? "" : scenario::to_text(outcome.diagnostics);
}

const std::string some_load =
    "workloads: {p: {kind: producer, topic: orders, rate: 100/s, properties: {}}}\n";
const std::string sound = "name: t\ncluster: {kind: local}\ntopics: {orders: {}}\n" + some_load +
                          "phases: {measure: 30s}\n";

std::string with(const std::string& part, const std::string& instead) {
  std::string text = sound;
  return text.replace(text.find(part), part.size(), instead);
}

}  // namespace

TEST_CASE("a quote that is never closed is told where it opens") {
  REQUIRE(said(sound).empty());
  const std::string rest = "expect:\n  - {that: acked > 0}\n";
  CHECK(said(sound + "title: \"Does it lose?\n" + rest) ==
        "test.yaml:6:8: the quote that opens here is never closed\n");
  CHECK(said(sound + "title: 'Does it lose?\n" + rest) ==
        "test.yaml:6:8: the quote that opens here is never closed\n");
  CHECK(contains(said(sound + "title: \"Does it"), "test.yaml:6:8: the quote that opens"));
  CHECK(said(sound + "title: \"Does it lose?\"\n\n  \n").empty());
  CHECK(said(sound + "title: |\n  Does it?\n\n").empty());
}

TEST_CASE("control characters are told, however they are written") {
  CHECK(contains(said(with("p: {", "\"p\\0q\": {")), "the control character \\x00"));
  CHECK(contains(said(with("properties: {}", "properties: {client.id: \"a\\e[31mb\"}")),
                 "test.yaml:4:85: this value holds the control character \\x1b"));
  CHECK(contains(said(sound + std::string("title: a\0b\n", 11)),
                 "test.yaml:6:9: here stands the control character \\x00"));
}

TEST_CASE("what is nested beyond all sense is called so") {
  std::string text = sound + "matrix: {a: ";
  for (int i = 0; i < 1000; ++i) text += "[";
  for (int i = 0; i < 1000; ++i) text += "]";
  CHECK(contains(said(text + "}\n"), "nested too deep"));
}

TEST_CASE("axes of too many values are told without being multiplied out") {
  std::string values;
  for (int i = 1; i <= 4000; ++i) values += (i > 1 ? ", " : "") + std::to_string(i);
  std::string text = with("rate: 100/s", "rate: \"${a}/s\", count: \"${b}\"");
  text += "matrix: {a: [" + values + "], b: [" + values + "]}\n";
  const auto once = said(text);
  CHECK(contains(once, "matrix: more than 10000 variants"));
  CHECK_FALSE(contains(once, "repeat:"));
  CHECK(
      contains(said(sound + "repeat: 9223372036854775807\n"), "test.yaml:6:9: repeat: more than"));
}

TEST_CASE("two variants have two names, and one kind of cluster") {
  CHECK(contains(said(with("properties: {}", "properties: {client.id: \"${a}${b}\"}") +
                      "matrix: {a: [\"1\", \"1 b=2\"], b: [\"2 b=3\", \"3\"]}\n"),
                 "two variants would both be named 'a=1 b=2 b=3'"));
  CHECK(contains(said(with("kind: local", "kind: \"${k}\"") + "matrix: {k: [mock, local]}\n"),
                 "cluster: kind: differs between trials (mock, local)"));
}

TEST_CASE("each variant's properties are checked by its own release") {
  auto request = test::request(
      "test.yaml", with("kind: local", "kind: local, version: \"${v}\", config: {new.one: 1}") +
                       "matrix: {v: [4.3.1, 3.9.2]}\n");
  request.names.kafka["4.3.1"].broker = {{.name = "new.one"}};
  request.names.kafka["3.9.2"].broker = {{.name = "old.one"}};
  const auto outcome = scenario::load(request);
  REQUIRE_FALSE(outcome.plan);
  CHECK(contains(scenario::to_text(outcome.diagnostics), "unknown broker property 'new.one'"));
}

TEST_CASE("numbers that no cluster can have are refused at their place") {
  CHECK(contains(said(with("orders: {}", "orders: {replication: 4294967298}")),
                 "test.yaml:3:32: topic 'orders': replication: must be between 1 and 99"));
  CHECK(contains(said(sound + "seed: \"\"\n"), "test.yaml:6:7: seed is empty"));
  CHECK(contains(said(sound + "repeat: ''\n"), "test.yaml:6:9: repeat is empty"));
  CHECK(contains(said(with("kind: local", "kind: local, version: 99999999999999999999.0.0")),
                 "is not a full release"));
  CHECK(contains(said(with("kind: local", "kind: local, version: 004.3.1")), "not a full release"));
  CHECK(contains(said(with("kind: local", "kind: local, quotas: {foo: 5}")),
                 "unknown quota 'foo'; there are producer_byte_rate"));
  CHECK(contains(said(sound + "allow_in_broker_logs: [\"e\"]\n"), "of 4 characters or more"));
  CHECK(contains(said(with("orders: {}", "orders: {config: {retention.ms: 1e19}}")),
                 "test.yaml:3:42: topic property 'retention.ms': 1e19 is too large"));
}

TEST_CASE("one mistake is one message") {
  const auto lines = [](const std::string& text) {
    UNSCOPED_INFO(text);
    return std::ranges::count(text, '\n');
  };
  CHECK(lines(said(with("name: t", "name: [a]"))) == 1);
  CHECK(lines(said(with("orders: {}", "orders: {config: {min.insync.replicas: 0}}"))) == 1);
  CHECK(lines(said(with("kind: local", "kind: local, config: {node.id: x}"))) == 1);
}

TEST_CASE("a value that a comma cut is told so") {
  CHECK(contains(said(with("properties: {}", "properties: {linger.ms: 5,5}")),
                 "if it belongs to the value before it, write linger.ms: \"5,5\" in quotes"));
  CHECK(contains(said(with("orders: {}", "orders: {config: {cleanup.policy: compact,delete}}")),
                 "write cleanup.policy: \"compact,delete\" in quotes"));
}

TEST_CASE("a workload with a dot in its name is one to expect of") {
  const auto text = with("p: {", "a.b: {");
  CHECK(said(text + "expect: [{that: a.b.acked > 1}]\n").empty());
  CHECK(contains(said(sound + "expect: [{that: p50(.response) < 5s}]\n"),
                 "a workload's name is missing before the dot"));
}
