// Faults that take something from a cluster, where nobody answers: they claim nothing, and their
// heal has nothing to undo. (On real brokers: tests/integration/administration_test.cpp.)
#include "core/fault.hpp"
#include "support/catch.hpp"
#include "support/fake_cluster.hpp"
#include "support/make_fault.hpp"

namespace seatrial {
namespace {

using Given = test::FaultWords;

TEST_CASE("what nobody answers is not taken away, and not given back") {
  const std::map<std::string, Given> all{
      {"delete_topic", {{"topic", "orders"}}},
      {"expire_credentials", {{"user", "alice"}}},
      {"revoke_acl", {{"principal", "User:alice"}, {"topic", "orders"}}}};
  for (const auto& [name, given] : all) {
    INFO(name);
    test::FakeCluster cluster(1);
    Evidence evidence;
    const auto fault = test::make_impatient(name, given);
    CHECK_FALSE(fault->acts_on_nodes());
    CHECK_THROWS_AS(fault->inject(cluster, {}, evidence), FaultIneffective);
    CHECK(evidence.deleted_topics.empty());
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(fault->heal(cluster, evidence).empty());
    CHECK(evidence.facts.empty());
  }
}

TEST_CASE("faults say what a scenario must hold for them") {
  CHECK(test::make_impatient("delete_topic", {{"topic", "orders"}})->needs().topic == "orders");
  CHECK(test::make_impatient("expire_credentials", {{"user", "alice"}})->needs().user == "alice");
  const auto needs =
      test::make_impatient("revoke_acl", {{"principal", "User:alice"}, {"topic", "orders"}})
          ->needs();
  CHECK(needs.topic == "orders");
  CHECK(needs.authorizer);
}

}  // namespace
}  // namespace seatrial
