// Members of a group as processes: killed, made to stand still, late and leaving; and what the
// harness knows of them afterwards.
#include <algorithm>
#include <set>

#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"

namespace seatrial::run {
namespace {

using nlohmann::json;

json run_of(const std::string& text, const std::string& kind) {
  scenario::Request request;
  request.path = "members.yaml";
  request.text = text;
  request.settings = {"cluster.kind=" + kind};
  return test::run_scenario(test::plan_of(request)).trial();
}

const json& group_of(const json& trial) {
  for (const auto& workload : trial.at("workloads")) {
    if (workload.at("kind") == "group") return workload;
  }
  throw std::runtime_error("no group");
}

json events_of(const json& trial, int member, const std::string& kind) {
  json out = json::array();
  const auto& members = group_of(trial).at("group").at("members");
  for (const auto& event : members.at(static_cast<std::size_t>(member - 1)).at("events")) {
    if (event.at("event") == kind) out.push_back(event);
  }
  return out;
}

// The partitions that a member had at that moment, by what it told before.
std::set<int> held_at(const json& trial, int member, double t_s) {
  std::set<int> held;
  const auto& members = group_of(trial).at("group").at("members");
  for (const auto& event : members.at(static_cast<std::size_t>(member - 1)).at("events")) {
    if (event.at("t_s").get<double>() > t_s) break;
    const bool came = event.at("event") == "assigned";
    if (!came && event.at("event") != "revoked" && event.at("event") != "lost") continue;
    for (const int partition : event.at("partitions")) {
      if (came) held.insert(partition);
      else held.erase(partition);
    }
  }
  return held;
}

constexpr const char* killed_and_paused = R"(name: members
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 6, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 600/s, size: 64B}
  read: {kind: group, topic: orders, members: 3, commit: sync, session: 1s, handler: 2ms, batch: 50}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 9s}
timeline:
  - {at: 1s, fault: kill, target: member(2), heal_after: 3s}
  - {at: 5s, fault: pause, target: member(read/1), heal_after: 3s}
expect:
  - {that: group_skipped == 0}
)";

TEST_CASE("members die and stand still, and all that they were handed is known") {
  const json trial = run_of(killed_and_paused, "local");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("verdict") == "pass");
  INFO(group_of(trial).at("group").dump(1));

  const json totals = group_of(trial).at("totals");
  CHECK(totals.at("undelivered") == 0);
  CHECK(totals.at("consumed") ==
        totals.at("distinct").get<int>() + totals.at("redelivered").get<int>());
  CHECK(totals.at("distinct") == trial.at("workloads").at(0).at("totals").at("acked"));

  // The kill was one, of the member and not of a node; what it had went to the others.
  const json& kill = trial.at("faults").at(0);
  CHECK(kill.at("status") == "effective");
  CHECK(kill.at("evidence").at("nodes").at(0).at("member") == 2);
  CHECK(kill.at("evidence").at("nodes").at(0).at("after") == "killed by signal 9");
  REQUIRE(events_of(trial, 2, "ended").size() == 2);
  CHECK(events_of(trial, 2, "ended").at(0).at("text") == "killed by signal 9");
  CHECK(events_of(trial, 2, "started").size() == 2);
  CHECK(events_of(trial, 2, "joined").size() == 2);
  const double died = events_of(trial, 2, "ended").at(0).at("t_s");
  const double came_back = events_of(trial, 2, "started").at(1).at("t_s");
  const auto left_behind = held_at(trial, 2, died);
  CHECK_FALSE(left_behind.empty());
  auto taken_over = held_at(trial, 1, came_back);
  taken_over.merge(held_at(trial, 3, came_back));
  for (const int partition : left_behind) CHECK(taken_over.contains(partition));
  const auto& partitions = group_of(trial).at("group").at("partitions");
  for (const int partition : left_behind) {
    CHECK_FALSE(partitions.at(static_cast<std::size_t>(partition)).at("unowned").empty());
  }

  // The member that stood still for three sessions came back to a group that had gone on.
  CHECK(trial.at("faults").at(1).at("evidence").at("nodes").at(0).at("member") == 1);
  CHECK(events_of(trial, 1, "ended").size() == 1);
  const auto lost = events_of(trial, 1, "lost");
  const bool refused = totals.at("refused_commits").get<int>() > 0;
  CHECK((!lost.empty() || refused));
}

constexpr const char* hindered = R"(name: members
topics: {orders: {partitions: 4, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s, size: 64B}
  read:
    kind: group
    topic: orders
    members: 2
    session: 3s
    properties: {heartbeat.interval.ms: 500, max.poll.interval.ms: 3000}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 12s}
timeline:
  - {at: 500ms, fault: slow_handler, by: 20ms, target: member(1), heal_after: 1s}
  - {at: 2s, fault: disconnect, target: member(1), heal_after: 1s}
  - {at: 4s, fault: skip_polls, target: member(2), heal_after: 5s}
)";

TEST_CASE("members are slow, lose their connections and do not poll, and say so", "[light]") {
  const json trial = run_of(hindered, "mock");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  const json& faults = trial.at("faults");
  INFO(faults.dump(1) << group_of(trial).at("group").dump(1));
  for (const json& fault : faults) CHECK(fault.at("status") == "effective");
  const auto counted = [&](std::size_t fault, std::size_t which, const std::string& kind) {
    const json& row = faults.at(fault).at("evidence").at("counted").at(which);
    CHECK(row.at("kind") == kind);
    CHECK(row.at("member") == (fault == 2 ? 2 : 1));
    return row.at("value").get<double>();
  };
  CHECK(counted(0, 0, "messages slowed") >= 10);
  CHECK(counted(1, 0, "connections shut") >= 1);
  CHECK(counted(1, 1, "connections made anew") >= 1);
  CHECK(counted(2, 0, "time between two polls") >= 2900);
  // Its heartbeats went on, and yet the group went on without it.
  CHECK_FALSE(events_of(trial, 2, "lost").empty());
  CHECK(events_of(trial, 2, "ended").size() == 1);
}

constexpr const char* late_and_leaving = R"(name: members
topics: {orders: {partitions: 4, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s, size: 64B}
  read: {kind: group, topic: orders, members: 3, join: {3: 1s}, leave: {1: 500ms}}
phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 5s}
timeline:
  - {after: 500 acked, fault: kill, target: member(1), heal_after: 500ms}
)";

// A time at which the member is gone would have been refused before the start.
TEST_CASE("members join and leave by plan, and whoever left cannot be killed", "[light]") {
  const json trial = run_of(late_and_leaving, "mock");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  INFO(group_of(trial).at("group").dump(1));
  REQUIRE(events_of(trial, 3, "started").size() == 1);
  CHECK(events_of(trial, 3, "started").at(0).at("t_s") >= 1.0);
  CHECK(events_of(trial, 2, "started").at(0).at("t_s") < 0);
  REQUIRE(events_of(trial, 1, "leaving").size() == 1);
  REQUIRE(events_of(trial, 1, "ended").size() == 1);
  CHECK(events_of(trial, 1, "ended").at(0).at("text") == "exited with code 0");
  CHECK(events_of(trial, 1, "ended").at(0).at("t_s") < 4.0);
  const std::string why = trial.at("reasons").dump();
  CHECK(why.find("member 1 was not running but exited with code 0") != std::string::npos);
  CHECK(trial.at("faults").at(0).at("status") != "effective");
  CHECK(trial.at("verdict") == "invalid");
}

}  // namespace
}  // namespace seatrial::run
