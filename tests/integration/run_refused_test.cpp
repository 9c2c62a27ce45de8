// What only brokers can refuse of a client: told at its place in the scenario, and a mistake of it.
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"
#include "workers/client_library.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

constexpr const char* sound = R"(name: refused
cluster: {kind: local, brokers: 1, controllers: combined,
          config: {group.share.min.record.lock.duration.ms: 5000}}
topics: {orders: {partitions: 1, replication: 1}, copies: {partitions: 1, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 100/s}
  read: {kind: group, topic: orders, members: 1, session: 6s,
         properties: {max.poll.interval.ms: 3600000}}
  hear: {kind: consumer, topic: orders, properties: {session.timeout.ms: 6000}}
  book: {kind: transactional, topic: copies, rate: 10/s,
         properties: {transaction.timeout.ms: 60000}}
  work: {kind: share, topic: orders, members: 1, lock: 5s, client_library: 2.16.0}
phases: {warmup: {at_least: 100ms, at_most: 100ms}, measure: 1s}
)";

void check_begins(const std::string& text, const std::string& words) {
  CHECK(text.substr(0, words.size()) == words);
}

std::string error_with(const std::string& value, const std::string& another) {
  std::string text = sound;
  text.replace(text.find(value), value.size(), another);
  scenario::Request request;
  request.path = "refused.yaml";
  request.text = text;
  request.ask_library = [](const auto& library, const auto& workload, const auto& options) {
    return workers::ask_client_library(library, workload, options, SEATRIAL_BINARY);
  };
  const test::ScenarioRun ran = test::run_scenario(test::plan_of(request));
  CHECK(ran.exit_code == 3);
  const json& trial = ran.trial();
  CHECK(trial.value("refused", false));
  return trial.value("error", "");
}

TEST_CASE("what brokers refuse of a client is an error of the scenario, at its place") {
  const std::string refuse = "the brokers refuse this: ";
  const std::string session = "session.timeout.ms: INVALID_SESSION_TIMEOUT, JoinGroup failed: ";
  check_begins(error_with("session: 6s", "session: 40min"),
               "refused.yaml:7:59: " + refuse + session);
  check_begins(error_with("session.timeout.ms: 6000", "session.timeout.ms: 100"),
               "refused.yaml:9:74: " + refuse + session);
  check_begins(
      error_with("timeout.ms: 60000", "timeout.ms: 2000000000"),
      "refused.yaml:11:47: " + refuse + "transaction.timeout.ms: INVALID_TRANSACTION_TIMEOUT, ");
  check_begins(
      error_with("lock: 5s", "lock: 2s"),
      "refused.yaml:12:56: " + refuse + "the configuration of group 'work' cannot be set: ");
}

}  // namespace
}  // namespace seatrial::run
