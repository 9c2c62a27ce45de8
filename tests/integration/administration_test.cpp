// What faults take from a cluster that its clients need, and give back: a topic, a user's login and
// its rights, on one real broker that asks for both.
#include "core/fault.hpp"
#include "kafka/admin.hpp"
#include "kafka/reshape.hpp"
#include "kafka/wire/connection.hpp"
#include "run/grants.hpp"
#include "run/own_access.hpp"
#include "support/catch.hpp"
#include "support/make_fault.hpp"
#include "support/real_cluster.hpp"
#include "support/text.hpp"

namespace seatrial::run {
namespace {

using kafka::wire::Connection;
using Given = test::FaultWords;

constexpr std::int16_t topic_authorization_failed = 29;

ClusterSpec guarded_broker() {
  ClusterSpec spec;
  spec.brokers = 1;
  spec.combined = true;
  spec.client_protocol = "sasl_plaintext";
  spec.users = {{"alice", "wonderland"}};
  spec.config = {
      {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}};
  return spec;
}

scenario::TrialPlan trial_plan_of(const ClusterSpec& spec) {
  scenario::TrialPlan plan;
  plan.cluster = spec;
  plan.topics = {{.name = "orders",
                  .partitions = 2,
                  .replication = 1,
                  .config = {{"max.message.bytes", "50000"}}}};
  return plan;
}

class Guarded {
 public:
  Guarded() {
    kafka::Admin admin(own_access(*cluster_));
    const auto& topic = plan_.topics.front();
    const auto made = admin.create_topics(
        {{topic.name, topic.partitions, topic.replication, topic.config}}, soon());
    if (!made) FAIL(made.error().message);
    const auto granted = grant_users(*cluster_, plan_, soon(), {});
    if (!granted) FAIL(granted.error().message);
    const auto security = kafka::wire::Security::from({{"security.protocol", "sasl_plaintext"},
                                                       {"sasl.mechanism", "SCRAM-SHA-256"},
                                                       {"sasl.username", "alice"},
                                                       {"sasl.password", "wonderland"}});
    REQUIRE(security.has_value());
    alice_ = *security;
  }
  Cluster& operator*() { return *cluster_; }
  [[nodiscard]] static Instant soon() { return now() + seconds(60); }
  [[nodiscard]] Result<Connection> log_in() {
    return Connection::open(cluster_->bootstrap(), soon(), alice_);
  }
  // By a connection that alice has already: what the broker says of the topic; 0: all is well.
  static std::int16_t error_of_topic(Connection& connection) {
    const auto told = connection.metadata({"orders"}, soon());
    if (!told) FAIL(told.error().message);
    return told->topics.at(0).error;
  }

 private:
  ClusterSpec spec_ = guarded_broker();
  scenario::TrialPlan plan_ = trial_plan_of(spec_);
  test::RealCluster cluster_{"local", spec_, "administration"};
  kafka::wire::SecurityPtr alice_;
};

std::string why_ineffective(Cluster& cluster, const std::string& name, const Given& given) {
  Evidence evidence;
  const auto fault = test::make_fault(name, given);
  try {
    fault->inject(cluster, {}, evidence);
  } catch (const FaultIneffective& error) {
    CHECK(fault->heal(cluster, evidence).empty());
    return error.what();
  }
  return "effective";
}

// Injects, looks, heals, and heals once more in vain.
template <class While>
Evidence live_through(Cluster& cluster, const std::string& name, const Given& given,
                      const While& meanwhile) {
  Evidence evidence;
  const auto fault = test::make_fault(name, given);
  fault->inject(cluster, {}, evidence);
  meanwhile();
  CHECK(fault->heal(cluster, evidence).empty());
  const auto facts = evidence.facts.size();
  CHECK(fault->heal(cluster, evidence).empty());
  CHECK(evidence.facts.size() == facts);
  for (const auto& fact : evidence.facts) UNSCOPED_INFO(fact);
  return evidence;
}

void take_credentials(Guarded& guarded) {
  auto before = guarded.log_in();
  REQUIRE(before.has_value());
  const auto evidence = live_through(*guarded, "expire_credentials", {{"user", "alice"}}, [&] {
    const auto refused = guarded.log_in();
    REQUIRE_FALSE(refused.has_value());
    CHECK(test::contains(refused.error().message, "refused"));
    CHECK(Guarded::error_of_topic(*before) == 0);  // it need not log in again
  });
  CHECK(evidence.facts.at(0) ==
        "before, alice: SCRAM-SHA-256, 4096 rounds; SCRAM-SHA-512, 4096 rounds");
  CHECK(evidence.facts.at(1) == "after, alice: none");
  CHECK(test::contains(evidence.facts.at(2), "connections.max.reauth.ms is not set"));
  CHECK(guarded.log_in().has_value());
  CHECK(why_ineffective(*guarded, "expire_credentials", {{"user", "bob"}}) ==
        "the cluster was not told the password of bob");
}

void take_rights(Guarded& guarded) {
  auto alice = guarded.log_in();
  REQUIRE(alice.has_value());
  CHECK(Guarded::error_of_topic(*alice) == 0);
  const Given of_alice{{"principal", "User:alice"}, {"topic", "orders"}};
  const auto evidence = live_through(*guarded, "revoke_acl", of_alice, [&] {
    CHECK(Guarded::error_of_topic(*alice) == topic_authorization_failed);
  });
  CHECK(evidence.facts.at(0) == "before, allow User:alice to do all on topic orders");
  CHECK(Guarded::error_of_topic(*alice) == 0);
  CHECK(why_ineffective(*guarded, "revoke_acl", {{"principal", "User:bob"}, {"topic", "orders"}}) ==
        "nothing allows User:bob anything on orders");
}

void take_topic(Guarded& guarded) {
  kafka::Reshape reshape((*guarded).nodes());
  const auto evidence = live_through(*guarded, "delete_topic", {{"topic", "orders"}}, [&] {
    const auto known = reshape.is_known("orders", Guarded::soon());
    REQUIRE(known.has_value());
    CHECK_FALSE(*known);
  });
  CHECK(evidence.deleted_topics == std::vector<std::string>{"orders"});
  CHECK(evidence.facts.back() ==
        "made anew, orders: 2 partitions, 1 replica each, max.message.bytes=50000");
  const auto partitions = reshape.partitions("orders", Guarded::soon());
  REQUIRE(partitions.has_value());
  CHECK(partitions->size() == 2);
  kafka::Admin admin(own_access(*guarded));
  CHECK(admin.properties_set_on("orders", Guarded::soon()).value_or({}) ==
        Given{{"max.message.bytes", "50000"}});
  CHECK(test::contains(why_ineffective(*guarded, "delete_topic", {{"topic", "payments"}}),
                       "no broker knows topic payments"));
}

TEST_CASE("logins, rights and topics are taken away, seen to be gone, and given back") {
  Guarded guarded;
  take_credentials(guarded);
  take_rights(guarded);
  take_topic(guarded);
}

}  // namespace
}  // namespace seatrial::run
