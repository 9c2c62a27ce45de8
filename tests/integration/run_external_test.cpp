// Runs on a cluster that belongs to somebody else: one that the test starts with TLS, SCRAM and
// rights, and hands over as a bootstrap address and a client.properties. No check is lost, nothing
// that was there is touched, and each right that is missing is told by name.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "clusters/foreign_leftovers.hpp"
#include "clusters/process.hpp"
#include "kafka/admin.hpp"
#include "run/names.hpp"
#include "run/own_access.hpp"
#include "run/preflight.hpp"
#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/acls.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/real_cluster.hpp"
#include "support/records.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* secret = "only-the-environment-knows";
constexpr const char* principal = "User:stranger";
constexpr const char* prefix = "seatrial-";

constexpr const char* scenario_text = R"(
name: external-test
cluster: {kind: external, brokers: 1, properties: client.properties}
topics:
  orders: {partitions: 2}
  moved: {partitions: 2}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s}
  wire: {kind: producer, engine: wire, topic: orders, rate: 200/s, properties: {acks: all}}
  read: {kind: consumer, topic: orders, group: readers}
  move: {kind: transactional, mode: transform, input: orders, topic: moved, messages: 20}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 3s}
)";

ClusterSpec guarded(const fs::path& folder) {
  fs::create_directories(folder);
  test::make_certificate(folder);
  ClusterSpec spec;
  spec.brokers = 1;
  spec.controllers = 1;
  spec.combined = true;
  spec.version = "3.9.2";  // librdkafka before 2.6.1 cannot log in to Kafka 4 by SCRAM
  spec.client_protocol = "sasl_ssl";
  spec.users = {{"stranger", secret}};
  spec.config = {
      {"ssl.keystore.type", "PEM"},
      {"ssl.keystore.location", (folder / "broker.pem").string()},
      {"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
      {"super.users", "User:ANONYMOUS"},
      {"offsets.topic.num.partitions", "5"},
      {"transaction.state.log.num.partitions", "5"}};
  return spec;
}

std::optional<std::string> environment(const std::string& name) {
  return name == "SEATRIAL_TEST_PASSWORD" ? std::optional<std::string>(secret) : std::nullopt;
}

// The cluster, its owner, and what a stranger is given of it.
struct Handed {
  fs::path folder = fs::temp_directory_path() / ("seatrial-stranger-" + std::to_string(::getpid()));
  test::RealCluster cluster{"local", guarded(folder), "external"};
  test::Overseer owner{own_access(*cluster).bootstrap};

  Handed() {
    std::ofstream(folder / "client.properties")
        << "bootstrap.servers=" << cluster->bootstrap() << "\n"
        << "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        << "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"
        << "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n"
        << "  username=\"stranger\" password=\"${env:SEATRIAL_TEST_PASSWORD}\";\n";
    ::setenv("SEATRIAL_TEST_PASSWORD", secret, 1);  // for `down`, which reads the file again
    for (const auto type :
         {test::Resource::topic, test::Resource::group, test::Resource::transactional_id})
      owner.allow(principal, prefix, {type});
    for (const auto operation : {test::Operation::describe, test::Operation::describe_configs})
      owner.allow(principal, prefix, {test::Resource::cluster, operation});
    const auto made = kafka::Admin(own_access(*cluster))
                          .create_topics({{"theirs", 3, 1, {}}}, now() + seconds(30));
    REQUIRE(made);
  }
  ~Handed() { fs::remove_all(folder); }

  [[nodiscard]] scenario::Plan plan() const {
    auto loaded = scenario::load({.path = (folder / "t.yaml").string(),
                                  .text = scenario_text,
                                  .settings = {},
                                  .names = {},
                                  .seed = {},
                                  .environment = environment,
                                  .ask_library = {}});
    INFO(scenario::to_text(loaded.diagnostics));
    REQUIRE(loaded.plan);
    return std::move(*loaded.plan);
  }
};

// Kafka's own, which come with the first group and the first transaction.
std::set<std::string> without_internal(std::set<std::string> all) {
  std::erase_if(all, [](const std::string& one) { return one.starts_with("topic __"); });
  return all;
}

// Brokers learn of a deletion a moment after it is answered.
std::set<std::string> settled(Handed& handed, const std::set<std::string>& wanted) {
  const Instant until = now() + seconds(10);
  auto found = without_internal(handed.owner.everything());
  while (found != wanted && now() < until) {
    std::this_thread::sleep_for(milliseconds(200));
    found = without_internal(handed.owner.everything());
  }
  return found;
}

bool any_file_holds(const fs::path& folder, const std::string& text) {
  return std::ranges::any_of(fs::recursive_directory_iterator(folder), [&](const auto& entry) {
    if (!entry.is_regular_file()) return false;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    return whole.find(text) != std::string::npos;
  });
}

void check_run(Handed& handed) {
  const auto plan = handed.plan();
  const auto before = without_internal(handed.owner.everything());
  const RunSetting setting{.plan = plan,
                           .kind = *ClusterKinds::instance().find("external"),
                           .kind_reason = "a test",
                           .results = handed.folder / "results",
                           .command = "",
                           .progress = [](const auto&, const auto&) {},
                           .wrap = {}};
  const auto result = run_plan(setting, {});
  const json document = test::document(result.record);
  const json& trial = document.at("trials").at(0);
  INFO(trial.value("error", "") << trial.value("reasons", json::array()).dump());
  REQUIRE(trial.at("status") == "finished");
  const json& audit = trial.at("audit");
  CHECK(audit.at("status") == "complete");
  CHECK(audit.at("reader") == "wire");
  CHECK(audit.at("totals").at("acked_lost") == 0);
  for (const auto& workload : trial.at("workloads")) {
    INFO(workload.at("name"));
    const json& totals = workload.at("totals");
    if (totals.contains("acked")) CHECK(totals.at("acked") > 0);
    else CHECK(totals.at("undelivered") == 0);
  }
  CHECK(trial.at("verdict") == "pass");
  CHECK_FALSE(trial.contains("leftovers"));
  CHECK(trial.at("topics").dump().find(prefix) != std::string::npos);
  CHECK(trial.at("cluster_facts").at("broker_metrics").get<std::string>().starts_with("none"));
  CHECK(settled(handed, before) == before);
  CHECK_FALSE(any_file_holds(setting.results, secret));
}

bool any_of_a_run(const std::set<std::string>& all) {
  return std::ranges::any_of(
      all, [](const std::string& one) { return one.starts_with("topic seatrial-"); });
}

// A run is killed once it has made its topics; `down` removes them, and not one that looks alike.
void check_down(Handed& handed) {
  kafka::Admin admin(own_access(*handed.cluster));
  const std::string alike = "seatrial-20200101T000000-external-test-0000-1-orders";
  std::ofstream(handed.folder / "t.yaml") << scenario_text;
  const auto before = without_internal(handed.owner.everything());
  auto child =
      clusters::Child::spawn({.argv = {SEATRIAL_BINARY, "run", (handed.folder / "t.yaml").string(),
                                       "--out", (handed.folder / "killed").string()},
                              .env = {},
                              .cwd = handed.folder,
                              .output = handed.folder / "killed.log"});
  REQUIRE(child);
  const Instant until = now() + seconds(60);
  while (!any_of_a_run(handed.owner.everything()) && now() < until)
    std::this_thread::sleep_for(milliseconds(50));
  (*child)->kill_group();
  REQUIRE((*child)->wait(seconds(10)));
  REQUIRE(any_of_a_run(handed.owner.everything()));
  REQUIRE(admin.create_topics({{alike, 1, 1, {}}}, now() + seconds(30)));
  const auto down = clusters::run_tool({SEATRIAL_BINARY, "down"}, seconds(90));
  INFO(down.out << down.err);
  CHECK(down.ok());
  CHECK(down.out.find("topics and groups of run") != std::string::npos);
  auto after = before;
  after.insert("topic " + alike + " 1");
  CHECK(settled(handed, after) == after);
  REQUIRE(admin.delete_topics({alike}, now() + seconds(30)));
}

std::vector<test::Right> single_rights() {
  const auto topic = test::Resource::topic;
  const auto group = test::Resource::group;
  const auto transaction = test::Resource::transactional_id;
  return {{topic, test::Operation::create},        {topic, test::Operation::describe},
          {topic, test::Operation::read},          {topic, test::Operation::write},
          {topic, test::Operation::remove},        {topic, test::Operation::describe_configs},
          {group, test::Operation::read},          {group, test::Operation::describe},
          {group, test::Operation::remove},        {transaction, test::Operation::write},
          {transaction, test::Operation::describe}};
}

// By the name of each right that is not had, in the order of the preflight.
std::string missing_rights(const scenario::TrialPlan& trial) {
  std::this_thread::sleep_for(milliseconds(500));  // until the broker knows what it was told
  const auto found = preflight(trial, now() + seconds(60), {});
  UNSCOPED_INFO(to_text(found, prefix));
  std::string out;
  for (const auto& check : found.checks) {
    if (check.state == Check::State::missing)
      out += (out.empty() ? "" : ", ") + std::string(text_of(check.right).name);
  }
  return out;
}

// Each right missing once. What is left is none of the preflight's.
void check_rights(Handed& handed) {
  const auto plan = handed.plan();
  for (const auto type :
       {test::Resource::topic, test::Resource::group, test::Resource::transactional_id})
    handed.owner.forbid(principal, prefix, {type});
  for (const auto& right : single_rights()) handed.owner.allow(principal, prefix, right);
  const auto before = without_internal(handed.owner.everything());
  int turn = 0;
  const auto without = [&](test::Right right) {
    handed.owner.forbid(principal, prefix, right);
    const auto run = "rights-" + std::to_string(++turn);
    auto out =
        missing_rights(with_prefix(plan.trials.front(), clusters::foreign_prefix(run) + "1-"));
    handed.owner.allow(principal, prefix, right);
    return out;
  };
  const auto topic = test::Resource::topic;
  const auto group = test::Resource::group;
  CHECK(missing_rights(with_prefix(plan.trials.front(), "seatrial-all-1-")).empty());
  CHECK(without({topic, test::Operation::create}) == "create topics");
  CHECK(without({topic, test::Operation::remove}) == "delete topics");
  // Only a topic that there is shows who may delete it: that one is left, and told.
  REQUIRE(kafka::Admin(own_access(*handed.cluster))
              .delete_topics({clusters::foreign_prefix("rights-2") + "1-preflight"},
                             now() + seconds(30)));
  CHECK(without({topic, test::Operation::describe_configs}) == "describe topics' settings");
  CHECK(without({topic, test::Operation::write}) == "write, idempotently");
  CHECK(without({topic, test::Operation::read}) == "read the log, join groups");
  CHECK(without({group, test::Operation::read}) == "join groups");
  CHECK(without({test::Resource::transactional_id, test::Operation::write}) == "transactions");
  CHECK(without({test::Resource::cluster, test::Operation::describe_configs}) ==
        "describe brokers' settings");
  CHECK(settled(handed, before) == before);
  // Its group is left: nobody may delete it.
  CHECK(without({group, test::Operation::remove}) == "delete groups");
}

TEST_CASE("an external cluster with TLS, SCRAM and rights: every check, and nothing is left") {
  Handed handed;
  SECTION("all of it, one after the other: brokers are started once") {
    check_run(handed);
    check_down(handed);
    check_rights(handed);
  }
}

}  // namespace
}  // namespace seatrial::run
