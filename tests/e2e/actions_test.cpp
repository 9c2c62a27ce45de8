// Every action on clusters of each kind that can do it: in runs of the binary, one action after the
// other, each must take effect and be healed; and what a kind cannot do is refused at its line.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "clusters/control_group.hpp"
#include "clusters/node_clocks.hpp"
#include "clusters/node_disks.hpp"
#include "clusters/node_limits.hpp"
#include "core/fault.hpp"
#include "core/registry.hpp"
#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Actions that one cluster can go through, each with its target and what it needs to be told.
struct Actions {
  const char* name;
  int measure_s;             // in which a slow machine, too, is through with them
  const char* lines;         // of the sequence
  const char* cluster = "";  // more keys of the cluster
};

constexpr Actions of_processes{"processes", 110, R"(
      - {at: 2s, fault: kill, target: leader(orders/0), heal_after: 6s}
      - {fault: elect, partition: orders/0, delay: 8s, patience: 60s, heal_after: 100ms}
      - {fault: stop, target: follower(orders/0), heal_after: 1s}
      - {fault: pause, target: controller, heal_after: 2s, delay: 5s}
      - {fault: restart, target: broker(2), delay: 5s, heal_after: 100ms}
      - {fault: rolling_restart, target: all, topic: orders, delay: 8s, heal_after: 100ms})"};
constexpr Actions of_networks{"networks", 60, R"(
      - {at: 2s, fault: cut, target: leader(orders/0) -> follower(orders/0), heal_after: 2s}
      - {fault: delay, target: leader(orders/0), by: 50ms, heal_after: 1s}
      - {fault: rate, target: leader(orders/0), bytes: 20kB, heal_after: 2s}
      - {fault: reset, target: leader(orders/0), heal_after: 500ms}
      - {fault: half_open, target: leader(orders/0), heal_after: 1s, delay: 5s}
      - {fault: black_hole, target: clients -> leader(orders/0), heal_after: 1s, delay: 5s}
      - {fault: flap, target: leader(orders/1), heal_after: 2s, delay: 5s})"};
constexpr Actions of_requests{"requests", 40, R"(
      - {at: 2s, fault: answer_error, target: leader(orders/0), nth: 10, heal_after: 1s}
      - {fault: drop_requests, target: leader(orders/0), api: Produce, nth: 20, heal_after: 1s}
      - {fault: hold_requests, target: leader(orders/0), api: Produce, by: 100ms, heal_after: 1s}
      - {fault: reorder_requests, target: leader(orders/0), heal_after: 2s}
      - {fault: duplicate_requests, target: leader(orders/0), api: Produce, heal_after: 1s})"};
constexpr Actions of_disks{"disks", 100, R"(
      - {at: 2s, fault: disk_slow, target: leader(orders/0), operation: write, heal_after: 5s}
      - {fault: drop_cache, target: leader(orders/0), heal_after: 100ms}
      - {fault: disk_full, target: leader(orders/0), heal_after: 1s}
      - {fault: disk_error, target: leader(orders/0), heal_after: 1s, delay: 10s}
      - {fault: disk_read_only, target: leader(orders/0), heal_after: 1s, delay: 10s}
      - {fault: power_loss, target: leader(orders/0), heal_after: 1s, delay: 10s})"};
constexpr Actions of_machines{"machines", 70, R"(
      - {at: 2s, fault: throttle_cpu, target: leader(orders/0), cores: 0.01, heal_after: 2s}
      - {fault: freeze, target: leader(orders/0), heal_after: 1s}
      - {fault: limit_memory, target: leader(orders/0), to: 300MB, heal_after: 1s, patience: 30s}
      - {fault: oom_kill, target: leader(orders/0), heal_after: 1s, delay: 8s, patience: 30s})"};
constexpr Actions of_clocks{"clocks", 30, R"(
      - {at: 2s, fault: step_clock, target: leader(orders/0), by: 30s, heal_after: 1s}
      - {fault: drift_clock, target: leader(orders/0), rate: 1.1, heal_after: 3s})"};
constexpr Actions of_administration{"administration", 50, R"(
      - {at: 2s, fault: alter_topic, topic: orders, heal_after: 1s,
         config: {index.interval.bytes: 8192}}
      - {fault: reassign, partition: spare/0, heal_after: 1s}
      - {fault: delete_topic, topic: spare, heal_after: 1s})"};
constexpr Actions of_members{"members", 50, R"(
      - {at: 4s, fault: slow_handler, target: member(1), by: 20ms, heal_after: 2s}
      - {fault: skip_polls, target: member(1), heal_after: 2s}
      - {fault: disconnect, target: member(1), heal_after: 1s}
      - {fault: pause, target: member(2), heal_after: 1s}
      - {fault: kill, target: member(2), heal_after: 1s})"};
// Debian's librdkafka cannot log in by SCRAM to Kafka 4.
constexpr Actions of_rights{
    "rights", 40, R"(
      - {at: 2s, fault: revoke_acl, principal: User:alice, topic: orders, heal_after: 1s}
      - {fault: expire_credentials, user: alice, heal_after: 1s})",
    R"(, version: 3.9.2, users: {alice: wonderland}, config: {authorizer.class.name:
  org.apache.kafka.metadata.authorizer.StandardAuthorizer})"};

const std::vector<Actions> everything{of_processes, of_networks,       of_requests,
                                      of_disks,     of_machines,       of_clocks,
                                      of_members,   of_administration, of_rights};

// Whatever is struck, two of three controllers are left; one broker has no part of the topic spare,
// and can take it.
std::string scenario_of(const Actions& actions) {
  const bool logs_in = std::string(actions.name) == "rights";
  const std::string client =
      logs_in ? ", properties: {security.protocol: sasl_plaintext, sasl.mechanism: SCRAM-SHA-256, "
                "sasl.username: alice, sasl.password: wonderland}"
              : "";
  return fmt::format(R"(name: {0}
cluster: {{brokers: 3, controllers: combined{1}}}
topics:
  orders: {{partitions: 2, replication: 3}}
  spare: {{partitions: 1, replication: 2}}
workloads:
  produce: {{kind: producer, topic: orders, rate: 500/s, size: 200B{2}}}
  readers: {{kind: group, topic: orders, members: 2{2}}}
phases: {{warmup: {{at_least: 1s, at_most: 1s}}, measure: {4}s}}
timeline:
  - sequence:{3}
)",
                     actions.name, actions.cluster, client, actions.lines, actions.measure_s);
}

// What the machine lacks for these; nothing: they can be tried.
std::optional<std::string> lacking(const Actions& actions) {
  if (actions.name == of_disks.name) return clusters::no_disks();
  if (actions.name == of_machines.name) return clusters::GroupTrees().lacks(clusters::all_limits);
  if (actions.name == of_clocks.name && !clusters::find_faketime())
    return "libfaketime is not installed";
  return std::nullopt;
}

Ended run_on(const std::string& kind, const Actions& actions, const Folder& folder,
             const std::string& out) {
  return seatrial(
      {"run", folder.with("actions.yaml", scenario_of(actions)), "--cluster", kind, "--out", out});
}

void go_through(const std::string& kind, const Actions& actions) {
  if (const auto why = lacking(actions)) SEATRIAL_SKIP(*why);
  INFO(kind << ", " << actions.name);
  const Folder folder;
  const std::string out = (folder / "results").string();
  const Ended run = run_on(kind, actions, folder, out);
  INFO(run.out << run.err);
  REQUIRE(fs::exists(latest_run(out)));
  const json trial = record_of(latest_run(out)).at("trials").at(0);
  REQUIRE(trial.contains("faults"));
  for (const json& fault : trial.at("faults")) {
    INFO(fault.dump(1));
    CHECK(fault.at("status") == "effective");
    CHECK(fault.contains("healed_s"));
  }
  CHECK(left_by(latest_run(out).filename().string(), kind == "compose") ==
        std::vector<std::string>{});
}

TEST_CASE("every action is among those that are tried on clusters of each kind", "[light]") {
  for (const std::string& action : Registry<Fault>::instance().names()) {
    INFO(action);
    CHECK(std::ranges::any_of(everything, [&](const Actions& actions) {
      return test::contains(actions.lines, "fault: " + action + ",");
    }));
  }
}

TEST_CASE("processes are ended, held and started, on local brokers", "[matrix]") {
  go_through("local", of_processes);
}

TEST_CASE("networks are cut and slowed, on local brokers", "[matrix]") {
  go_through("local", of_networks);
}

TEST_CASE("requests are lost, held and answered, on local brokers", "[matrix]") {
  go_through("local", of_requests);
}

TEST_CASE("disks are slow, full, broken and dark, on local brokers", "[matrix]") {
  go_through("local", of_disks);
}

TEST_CASE("CPU time and memory are taken away, on local brokers", "[matrix]") {
  go_through("local", of_machines);
}

TEST_CASE("clocks are set and drift, on local brokers", "[matrix]") {
  go_through("local", of_clocks);
}

TEST_CASE("members of groups are hindered, on local brokers", "[matrix]") {
  go_through("local", of_members);
}

TEST_CASE("topics are altered, moved and deleted, on local brokers", "[matrix]") {
  go_through("local", of_administration);
}

TEST_CASE("rights and logins are taken away, on local brokers", "[matrix]") {
  go_through("local", of_rights);
}

TEST_CASE("processes are ended, held and started, on containers of compose", "[matrix]") {
  go_through("compose", of_processes);
}

TEST_CASE("networks are cut and slowed, on containers of compose", "[matrix]") {
  go_through("compose", of_networks);
}

TEST_CASE("requests are lost, held and answered, on containers of compose", "[matrix]") {
  go_through("compose", of_requests);
}

TEST_CASE("disks are slow, full, broken and dark, on containers of compose", "[matrix]") {
  go_through("compose", of_disks);
}

TEST_CASE("CPU time and memory are taken away, on containers of compose", "[matrix]") {
  go_through("compose", of_machines);
}

TEST_CASE("members of groups are hindered, on containers of compose", "[matrix]") {
  go_through("compose", of_members);
}

TEST_CASE("topics are altered, moved and deleted, on containers of compose", "[matrix]") {
  go_through("compose", of_administration);
}

// Where it stands, and why; nothing has been started.
void refused(const std::string& kind, const Actions& actions, const std::string& why) {
  INFO(kind << ", " << actions.name);
  const Folder folder;
  const std::string out = (folder / "results").string();
  const Ended run = run_on(kind, actions, folder, out);
  INFO(run.out << run.err);
  CHECK(run.exit_code == 3);
  CHECK(test::contains(run.err, "actions.yaml:"));
  CHECK(test::contains(run.err, why));
  CHECK(latest_run(out).empty());
}

TEST_CASE("an action that a kind of cluster cannot do is refused at its line", "[light]") {
  refused("compose", of_clocks, "clocks cannot be set");
  refused("compose", of_rights, "only local clusters");
  for (const Actions& actions : {of_processes, of_networks, of_requests, of_disks, of_machines,
                                 of_clocks, of_administration})
    refused("mock", actions, "cluster kind 'mock'");
}

}  // namespace
}  // namespace seatrial::e2e
