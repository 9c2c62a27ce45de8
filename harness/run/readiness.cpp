// Waiting for a cluster to be ready, with a reason at hand if it is not.
#include "run/readiness.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "core/check.hpp"
#include "kafka/admin.hpp"
#include "kafka/canary.hpp"
#include "run/audit_log.hpp"
#include "run/grants.hpp"
#include "run/own_access.hpp"

namespace seatrial::run {
namespace {

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
  std::vector<kafka::NewTopic> topics{{.name = canary_name(plan.prefix),
                                       .partitions = 1,
                                       .replication = plan.cluster.brokers,
                                       .config = {}}};
  for (const auto& topic : plan.topics) {
    topics.push_back({topic.name, topic.partitions, topic.replication, topic.config});
  }
  return topics;
}

// The property that a refusal speaks of; empty: it names none of them.
std::string named_in(const std::string& text, const std::map<std::string, std::string>& config) {
  std::string longest;  // `segment.ms` stands within `delete.segment.ms`
  for (const auto& [name, value] : config) {
    if (text.find(name) != text.npos && name.size() > longest.size()) longest = name;
  }
  return longest;
}

void create_topics(Cluster& cluster, const scenario::TrialPlan& plan, Instant deadline,
                   const std::stop_token& stop) {
  if (cluster.topic_maker() != nullptr) return;  // create_own_topics did
  std::string refused;
  const auto made =
      kafka::Admin(own_access(cluster)).create_topics(topics_of(plan), deadline, stop, &refused);
  if (!made && !refused.empty()) {
    const auto topic = std::ranges::find(plan.topics, refused, &scenario::TopicPlan::name);
    if (topic != plan.topics.end()) {
      std::vector<std::string> keys{"topics", refused};
      const std::string property = named_in(made.error().message, topic->config);
      if (!property.empty()) keys.insert(keys.end(), {"config", property});
      throw SettingRefused(std::move(keys), made.error().message);
    }
  }
  require(made, stop);
}

}  // namespace

std::string canary_name(const std::string& prefix) {
  return prefix.empty() ? "seatrial-canary" : prefix + "canary";
}

std::optional<SettingRefused> refused_by_node(const ClusterSpec& cluster,
                                              const std::string& words) {
  // How Kafka says that a value is wrong, and that two do not go together.
  static constexpr std::array<std::string_view, 2> marks = {
      "ConfigException: ", "IllegalArgumentException: requirement failed: "};
  for (const std::string_view mark : marks) {
    const auto at = words.find(mark);
    if (at == words.npos) continue;
    const auto begin = at + mark.size();
    const std::string said = words.substr(begin, words.find('\n', begin) - begin);
    const std::string name = named_in(said, cluster.config);
    if (!name.empty()) return SettingRefused({"cluster", "config", name}, said);
  }
  return std::nullopt;
}

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
  const kafka::Access access = own_access(cluster);
  const std::string canary = canary_name(plan.prefix);
  create_topics(cluster, plan, deadline, stop);
  if (const auto granted = grant_users(cluster, plan, deadline, stop); !granted)
    throw InfrastructureError("the cluster did not get ready: " + granted.error().message);
  Readiness ready;
  require(kafka::produce_canary(access, canary, deadline, stop), stop);
  ready.first_ack = now() - begun;
  await(
      watch, [&](const kafka::ClusterState& state) { return fully_replicated(state, plan.topics); },
      deadline, stop, "full ISR of every topic");
  // Groups have no log on a cluster that makes topics itself, whose first member waits 3 s for
  // others.
  if (cluster.topic_maker() == nullptr)
    require(kafka::consume_canary(access, canary, deadline, stop), stop);
  return ready;
}

}  // namespace seatrial::run
