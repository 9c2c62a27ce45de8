// Faults that take something from a cluster, where nobody answers: they claim nothing, and their
// heal has nothing to undo. (On real brokers: tests/integration/administration_test.cpp.)
#include "core/fault.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"

namespace seatrial {
namespace {

using Given = std::map<std::string, std::string>;

std::unique_ptr<Fault> make_cluster_fault(const std::string& name, Given given) {
  const auto* plugin = Registry<Fault>::instance().find(name);
  REQUIRE(plugin != nullptr);
  given["patience"] = "50ms";
  std::map<std::string, RawOption> raw;
  for (const auto& [key, text] : given) raw[key] = {.text = text, .entries = {}, .is_map = false};
  std::vector<OptionProblem> problems;
  auto fault = plugin->make(Options::check(plugin->options, raw, problems));
  REQUIRE(problems.empty());
  return fault;
}

TEST_CASE("what nobody answers is not taken away, and not given back") {
  const std::map<std::string, Given> all{
      {"delete_topic", {{"topic", "orders"}}},
      {"expire_credentials", {{"user", "alice"}}},
      {"revoke_acl", {{"principal", "User:alice"}, {"topic", "orders"}}}};
  for (const auto& [name, given] : all) {
    INFO(name);
    test::FakeCluster cluster(1);
    Evidence evidence;
    const auto fault = make_cluster_fault(name, given);
    CHECK_FALSE(fault->acts_on_nodes());
    CHECK_THROWS_AS(fault->inject(cluster, {}, evidence), FaultIneffective);
    CHECK(evidence.deleted_topics.empty());
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(evidence.facts.empty());
  }
}

TEST_CASE("faults say what a scenario must hold for them") {
  CHECK(make_cluster_fault("delete_topic", {{"topic", "orders"}})->needs().topic == "orders");
  CHECK(make_cluster_fault("expire_credentials", {{"user", "alice"}})->needs().user == "alice");
  const auto needs =
      make_cluster_fault("revoke_acl", {{"principal", "User:alice"}, {"topic", "orders"}})->needs();
  CHECK(needs.topic == "orders");
  CHECK(needs.authorizer);
}

}  // namespace
}  // namespace seatrial
