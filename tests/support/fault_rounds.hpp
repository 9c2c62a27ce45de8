// Faults on real brokers, in rounds: each takes effect, is proved by evidence, and is healed so
// that the cluster is whole again.
#pragma once

#include <string>
#include <thread>
#include <vector>

#include "kafka/admin.hpp"
#include "record/journal.hpp"
#include "run/audit_log.hpp"
#include "run/timeline.hpp"
#include "support/catch.hpp"
#include "support/real_cluster.hpp"

namespace seatrial::run {

inline const std::vector<scenario::TopicPlan> matrix_topics{
    {.name = "orders", .partitions = 3, .replication = 3, .config = {}}};

inline scenario::FaultPlan plan_of(const std::string& action, const std::string& target,
                                   const std::vector<NodeId>& drawn) {
  scenario::FaultPlan plan;
  plan.action = action;
  std::vector<OptionProblem> problems;
  plan.options = Options::check(Registry<Fault>::instance().find(action)->options, {}, problems);
  plan.target = *parse_target(target);
  plan.drawn = drawn;
  plan.trigger.at = milliseconds(0);
  plan.heal_after = milliseconds(100);
  return plan;
}

inline bool whole(kafka::ClusterWatch& watch) {
  return watch.wait_until(
      [](const kafka::ClusterState& state) {
        return state.answering.size() == 3 && fully_replicated(state, matrix_topics);
      },
      now() + seconds(180), {});
}

// All of `plan` at once, on nodes of their own.
inline void inject_and_heal(Cluster& cluster, kafka::ClusterWatch& watch, record::Journal& journal,
                            const std::vector<scenario::FaultPlan>& plan) {
  Timeline timeline(plan, {.cluster = cluster,
                           .watch = watch,
                           .journal = journal,
                           .trial = 0,
                           .measure_start = now(),
                           .acked_since_measure = [] { return 0U; }});
  const Instant deadline = now() + seconds(180);
  while (timeline.over() < plan.size() && now() < deadline) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  timeline.finish();
  for (const auto& problem : timeline.problems()) FAIL_CHECK(problem);
  for (const FaultOutcome& outcome : timeline.outcomes()) {
    INFO(outcome.plan->action << " " << to_string(outcome.plan->target));
    REQUIRE(outcome.status == "effective");
    const bool of_processes = outcome.effect != FaultEffect::none;
    CHECK((of_processes ? outcome.evidence.nodes.size() : outcome.evidence.counted.size()) >=
          outcome.targets.size());
    for (const auto& node : outcome.evidence.nodes) {
      CHECK(node.before.kind == ProcessState::Kind::running);
      CHECK(node.before != node.after);
      CHECK(cluster.processes()->state(node.node).kind == ProcessState::Kind::running);
    }
  }
  INFO("after " << plan.front().action << " " << to_string(plan.front().target));
  REQUIRE(whole(watch));
}

using Round = std::vector<scenario::FaultPlan>;

// On one cluster, one round after the other.
inline void try_rounds(const std::string& kind, const std::vector<Round>& rounds) {
  ClusterSpec spec;
  test::RealCluster cluster(kind, spec, "faults-" + kind);
  kafka::ClusterWatch watch(cluster->nodes(), {"orders"});
  kafka::Admin admin(cluster->bootstrap());
  const auto created = admin.create_topics({{"orders", 3, 3, {}}}, now() + seconds(90));
  if (!created) FAIL(created.error().message);
  REQUIRE(whole(watch));
  record::Journal journal(cluster.folder());
  for (const auto& round : rounds) inject_and_heal(*cluster, watch, journal, round);
}

// Every kind of target. Drawn targets that have no node in common share a round: waiting for a
// broker's return is what takes the time.
inline std::vector<Round> rounds_of(const std::string& action) {
  return {{plan_of(action, "leader(orders/0)", {})},
          {plan_of(action, "follower(orders/0)", {})},
          {plan_of(action, "controller", {})},
          {plan_of(action, "broker(2)", {NodeId(2)}), plan_of(action, "one", {NodeId(3)}),
           plan_of(action, "minority", {NodeId(1)})},
          {plan_of(action, "majority", {NodeId(1), NodeId(3)})}};
}

}  // namespace seatrial::run
