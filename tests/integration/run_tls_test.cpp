// A trial whose clients speak TLS, on a real broker: what all kinds of workloads send by it is
// audited by wire, through the listener that the harness keeps for itself.
#include <fstream>

#include "clusters/process.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

constexpr const char* tls_scenario = R"(
name: tls-test
cluster:
  kind: local
  brokers: 1
  controllers: combined
  config: {ssl.keystore.type: PEM, ssl.keystore.location: "FOLDER/broker.pem"}
topics:
  orders: {partitions: 2}
  moved: {partitions: 2}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s, properties: &tls {security.protocol: ssl,
            ssl.ca.location: "FOLDER/ca.pem"}}
  read: {kind: consumer, topic: orders, properties: *tls}
  move: {kind: transactional, mode: transform, input: orders, topic: moved, messages: 20,
         properties: *tls}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 3s}
)";

void replace_all(std::string& in, const std::string& what, const std::string& by) {
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
}

TEST_CASE("clients that speak TLS are audited by wire, through a listener of the harness") {
  const test::ScratchFolder folder;
  test::make_certificate(folder.path);
  std::string scenario_text = tls_scenario;
  replace_all(scenario_text, "FOLDER", folder.path.string());
  const json trial = test::run_scenario(test::plan_of(scenario_text)).trial();
  INFO(trial.value("error", "") << trial.value("reasons", json::array()).dump());
  REQUIRE(trial.at("status") == "finished");
  const json& audit = trial.at("audit");
  CHECK(audit.at("status") == "complete");
  CHECK(audit.at("reader") == "wire");
  CHECK(audit.at("messages_read") > 0);
  for (const auto& workload : trial.at("workloads")) {
    INFO(workload.at("name"));
    const json& totals = workload.at("totals");
    if (totals.contains("acked")) CHECK(totals.at("acked") > 0);
    else CHECK(totals.at("undelivered") == 0);
  }
  CHECK(audit.at("totals").at("acked_lost") == 0);
  CHECK(trial.at("verdict") == "pass");
}

}  // namespace
}  // namespace seatrial::run
