// Waiting for a cluster to be ready, with a reason at hand if it is not.
#include "run/readiness.hpp"

#include <algorithm>
#include <thread>

#include "core/check.hpp"
#include "kafka/admin.hpp"
#include "kafka/canary.hpp"
#include "run/audit_log.hpp"
#include "run/plain_bootstrap.hpp"

namespace seatrial::run {
namespace {

constexpr const char* canary_topic = "seatrial-canary";

void await(kafka::ClusterWatch& watch, const std::function<bool(const kafka::ClusterState&)>& holds,
           Instant deadline, const std::stop_token& stop, const std::string& what) {
  if (watch.wait_until(holds, deadline, stop)) return;
  if (stop.stop_requested()) throw Interrupted();
  throw InfrastructureError("the cluster did not get ready: " + what + " did not happen in time");
}

void require(const Result<kafka::Done>& step, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Interrupted();
  if (!step) throw InfrastructureError("the cluster did not get ready: " + step.error().message);
}

std::vector<kafka::NewTopic> topics_of(const scenario::TrialPlan& plan) {
  std::vector<kafka::NewTopic> topics{
      {.name = canary_topic, .partitions = 1, .replication = plan.cluster.brokers, .config = {}}};
  for (const auto& topic : plan.topics) {
    topics.push_back({topic.name, topic.partitions, topic.replication, topic.config});
  }
  return topics;
}

void create_topics(Cluster& cluster, const scenario::TrialPlan& plan, Instant deadline,
                   const std::stop_token& stop) {
  if (cluster.topic_maker() != nullptr) return;  // create_own_topics did
  require(kafka::Admin(plain_bootstrap(cluster)).create_topics(topics_of(plan), deadline, stop),
          stop);
}

}  // namespace

void create_own_topics(Cluster& cluster, const scenario::TrialPlan& plan) {
  TopicMaker* maker = cluster.topic_maker();
  if (maker == nullptr) return;
  for (const auto& topic : topics_of(plan)) {
    maker->create_topic(topic.name, topic.partitions, topic.replication);
  }
}

Readiness make_ready(Cluster& cluster, kafka::ClusterWatch& watch, const scenario::TrialPlan& plan,
                     Instant begun, Instant deadline, const std::stop_token& stop) {
  const auto nodes = cluster.nodes();
  const auto serving =
      static_cast<std::size_t>(std::ranges::count_if(nodes, &Node::serves_clients));
  await(
      watch,
      [&](const kafka::ClusterState& state) {
        return state.registered.size() >= serving && state.answering.size() >= serving;
      },
      deadline, stop, "registration of all " + std::to_string(serving) + " brokers");
  const std::string bootstrap = plain_bootstrap(cluster);
  create_topics(cluster, plan, deadline, stop);
  Readiness ready;
  require(kafka::produce_canary(bootstrap, canary_topic, deadline, stop), stop);
  ready.first_ack = now() - begun;
  await(
      watch, [&](const kafka::ClusterState& state) { return fully_replicated(state, plan.topics); },
      deadline, stop, "full ISR of every topic");
  require(kafka::consume_canary(bootstrap, canary_topic, deadline, stop), stop);
  return ready;
}

}  // namespace seatrial::run
