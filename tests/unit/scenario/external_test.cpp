// Scenarios on a cluster that runs already: what they must say, and what cannot be done there.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "clusters/choose.hpp"
#include "scenario/plan_text.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-external-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  void put(const std::string& text) const { std::ofstream(path / "client.properties") << text; }

  [[nodiscard]] scenario::Outcome load(const std::string& cluster,
                                       const std::string& rest = {}) const {
    auto asked = test::request((path / "t.yaml").string(),
                               "name: t\ncluster: " + cluster +
                                   "\ntopics: {orders: {}}\nworkloads:\n  produce: {kind: "
                                   "producer, topic: orders, rate: 5/s}\nphases: {measure: 9s}\n" +
                                   rest);
    asked.names = {};
    return scenario::load(asked);
  }
};

std::string complaint(const scenario::Outcome& outcome) {
  return scenario::to_text(outcome.diagnostics);
}

}  // namespace

TEST_CASE("external: a connection reaches every workload, and its secret nothing that is shown") {
  const Folder folder;
  folder.put(
      "bootstrap.servers=b1:9092,b2:9092\nsecurity.protocol=SASL_PLAINTEXT\n"
      "sasl.mechanism=PLAIN\nlinger.ms=9\nsasl.jaas.config=Plain required username=\"me\" "
      "password=\"${env:PASSWORD}\";\n");
  const auto outcome = folder.load("{kind: external, properties: client.properties}");
  INFO(complaint(outcome));
  REQUIRE(outcome.plan);
  const auto& trial = outcome.plan->trials.front();
  CHECK(trial.cluster.bootstrap == "b1:9092,b2:9092");
  CHECK(trial.cluster.properties_file == (folder.path / "client.properties").string());
  CHECK(trial.cluster.client_protocol == "sasl_plaintext");
  const auto& properties = trial.workloads.front().options.properties("properties");
  CHECK(properties.at("sasl.password") == "hunter2hunter2");
  CHECK(properties.at("sasl.mechanism") == "PLAIN");
  CHECK_FALSE(properties.contains("linger.ms"));
  CHECK(std::ranges::any_of(outcome.plan->warnings, [](const std::string& warning) {
    return warning.find("'linger.ms' is not taken") != std::string::npos;
  }));
  const auto shown = scenario::plan_to_text(*outcome.plan);
  CHECK(shown.find("seatrial-RUN-TRIAL-") != std::string::npos);
  CHECK(shown.find("hunter2") == std::string::npos);
}

TEST_CASE("external: what is missing or belongs to other kinds is told at its place") {
  const Folder folder;
  folder.put("security.protocol=SSL\nssl.keystore.location=k.jks\n");
  CHECK(complaint(folder.load("{kind: external}")).find("needs 'bootstrap'") != std::string::npos);
  CHECK(complaint(folder.load("{kind: external, bootstrap: b1}")).find("'b1' is not HOST:PORT") !=
        std::string::npos);
  CHECK(complaint(folder.load("{kind: local, bootstrap: \"b1:1\"}"))
            .find("bootstrap: is of `kind: external`") != std::string::npos);
  CHECK(complaint(folder.load("{kind: external, properties: nowhere, bootstrap: \"b:1\"}"))
            .find("nowhere: No such file") != std::string::npos);
  CHECK(
      complaint(folder.load("{kind: external, properties: client.properties, bootstrap: \"b:1\"}"))
          .find("'ssl.keystore.location': a Java key store (JKS)") != std::string::npos);
  folder.put("ssl.key.password=${env:UNSET}");
  CHECK(
      complaint(folder.load("{kind: external, properties: client.properties, bootstrap: \"b:1\"}"))
          .find("environment variable 'UNSET' is not set") != std::string::npos);
}

TEST_CASE("external: faults on nodes are refused with the kinds that can") {
  const Folder folder;
  const auto refused = complaint(
      folder.load("{kind: external, bootstrap: \"b:1\"}",
                  "timeline:\n  - {at: 1s, fault: kill, target: broker(1), heal_after: 2s}\n"));
  CHECK(refused.find("t.yaml:8:") != std::string::npos);
  CHECK(refused.find("'external' has no broker processes to act on; use kind: compose or local") !=
        std::string::npos);
}

TEST_CASE("external: what would change the cluster is refused") {
  const auto why = [](ClusterSpec spec) {
    spec.kind = "external";
    const auto refused = clusters::impossible(spec);
    return refused ? refused->keys.at(1) : "";
  };
  CHECK(why({}).empty());
  CHECK(why({.quotas = {{"producer_byte_rate", 1}}}) == "quotas");
  CHECK(why({.users = {{"a", "b"}}}) == "users");
  CHECK(why({.features = {{"group.version", "0"}}}) == "features");
  CHECK(why({.config = {{"a", "b"}}}) == "config");
  CHECK(why({.log_dirs = 2}) == "log_dirs");
  CHECK(why({.cpus = 1}) == "cpus");
  CHECK(why({.data = "/x"}) == "data");
}
