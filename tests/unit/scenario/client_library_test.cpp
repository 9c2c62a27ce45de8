// Workloads that shall run with another client library: it is asked instead of ours, and what it
// says stands at the place that it is about.
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

namespace seatrial {
namespace {

const std::string text = R"(name: a
matrix: {lib: ["2.16.0", /opt/librdkafka.so]}
topics: {orders: {partitions: 2}}
workloads:
  read:
    kind: group
    topic: orders
    client_library: ${lib}
    properties: {fetch.newer.ms: 7}
)";

scenario::Outcome load_with(scenario::AskLibrary ask, const std::string& of = text) {
  auto request = test::request("t.yaml", of);
  request.ask_library = std::move(ask);
  return scenario::load(request);
}

TEST_CASE("a client library can be an axis, and says itself what its properties are") {
  std::vector<std::string> asked;
  const auto outcome = load_with([&](const auto& library, const auto& kind, const auto& options) {
    asked.push_back(library + " " + kind + " " + options.text("topic"));
    return scenario::LibraryAnswer{.properties = {{"fetch.newer.ms", "7"}, {"of", library}}};
  });
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  CHECK(asked ==
        std::vector<std::string>{"2.16.0 group orders", "/opt/librdkafka.so group orders"});
  REQUIRE(outcome.plan->trials.size() == 2);
  const auto& workload = outcome.plan->trials.at(1).workloads.at(0);
  CHECK(workload.client_library == "/opt/librdkafka.so");
  CHECK(workload.client_properties.at("of") == "/opt/librdkafka.so");
  CHECK(workload.options.properties("properties").at("fetch.newer.ms") == "7");
  CHECK_FALSE(workload.options.has("client_library"));
}

TEST_CASE("a wire lane is told that it loads no client library") {
  const auto outcome = load_with([](const auto&, const auto&, const auto&) {
    FAIL("nobody is to be asked");
    return scenario::LibraryAnswer{};
  }, R"(
name: t
cluster: {kind: mock}
topics: {orders: {partitions: 1}}
workloads:
  write: {kind: producer, topic: orders, rate: 10/s, engine: wire, client_library: 2.16.0}
phases: {measure: 1s}
)");
  REQUIRE_FALSE(outcome.plan);
  const auto all = scenario::to_text(outcome.diagnostics);
  INFO(all);
  CHECK(all.find("t.yaml:6:") != all.npos);
  CHECK(all.find("wire lanes speak to the brokers themselves and load none") != all.npos);
}

TEST_CASE("what another library finds wrong is told at its place") {
  const auto outcome = load_with([](const auto& library, const auto&, const auto&) {
    scenario::LibraryAnswer out;
    if (library == "2.16.0") out.problems = {{"properties.fetch.newer.ms", "no such property"}};
    else out.failure = "there is no such file";
    return out;
  });
  REQUIRE_FALSE(outcome.plan);
  const auto all = scenario::to_text(outcome.diagnostics);
  INFO(all);
  CHECK(all.find("t.yaml:9:18: workload 'read': no such property") != all.npos);
  CHECK(all.find("t.yaml:8:21: workload 'read': there is no such file") != all.npos);
}

TEST_CASE("without a client library nobody is asked, and without anybody to ask none is taken") {
  const auto ours =
      load_with([](const auto&, const auto&,
                   const auto&) -> scenario::LibraryAnswer { throw std::runtime_error("asked"); },
                "name: a\ntopics: {orders: {}}\nworkloads: {read: {kind: group, topic: orders}}\n");
  CHECK(ours.plan);
  const auto refused = load_with(nullptr);
  REQUIRE_FALSE(refused.plan);
  CHECK(scenario::to_text(refused.diagnostics).find("cannot be asked here") != std::string::npos);
}

}  // namespace
}  // namespace seatrial
