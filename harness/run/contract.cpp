// From topics' and brokers' settings, as they say them, to the contract.
#include "run/contract.hpp"

#include <map>
#include <string>

#include "core/check.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "kafka/config.hpp"
#include "run/own_access.hpp"

namespace seatrial::run {
namespace {

std::string value_or(const kafka::Properties& properties, const char* name, const char* otherwise) {
  const auto it = properties.find(name);
  return it == properties.end() ? otherwise : it->second;
}

// Of what brokers and clients say of themselves; `otherwise` where they do not, or not as a number.
std::int64_t integer_or(const kafka::Properties& properties, const char* name,
                        std::int64_t otherwise) {
  const auto it = properties.find(name);
  return it == properties.end() ? otherwise : parse_integer(it->second).value_or(otherwise);
}

RetentionContract read_retention(const std::map<std::string, std::string>& topic,
                                 const std::map<std::string, std::string>& brokers) {
  const std::string policy = value_or(topic, "cleanup.policy", "delete");
  const auto number = [&](const char* name) { return integer_or(topic, name, -1); };
  return {.deletes = policy.find("delete") != policy.npos,
          .compacts = policy.find("compact") != policy.npos,
          .retention_ms = number("retention.ms"),
          .retention_bytes = number("retention.bytes"),
          .segment_ms = number("segment.ms"),
          .delete_retention_ms = number("delete.retention.ms"),
          .check_interval_ms = integer_or(brokers, "log.retention.check.interval.ms", 300'000),
          .initial_delay_ms = integer_or(brokers, "log.initial.task.delay.ms", 30'000),
          .replica_lag_time_ms = integer_or(brokers, "replica.lag.time.max.ms", 30'000)};
}

kafka::Properties live_config(const scenario::TopicPlan& topic, Cluster& cluster,
                              const std::stop_token& stop) {
  if (cluster.topic_maker() != nullptr) return topic.config;
  kafka::Admin admin(own_access(cluster));
  // A broker that has just died may be the first that is asked; a stop ends the wait at once.
  auto live = admin.describe_topic_config(topic.name, now() + seconds(60), stop);
  if (stop.stop_requested()) throw Interrupted();
  if (!live) {
    throw InfrastructureError("reading the configuration of topic " + topic.name + ": " +
                              live.error().message);
  }
  return std::move(*live);
}

}  // namespace

Contract read_contract(const scenario::TrialPlan& plan, const Lanes& lanes, Cluster& cluster,
                       const std::stop_token& stop) {
  Contract contract;
  for (const auto& run : lanes.workloads()) {
    if (!run.workload->traits().produces) continue;
    const auto properties = client_properties(*run.plan, *run.workload);
    contract.workloads[run.plan->name] = {
        .acks = value_or(properties, "acks", "all"),
        .idempotent = value_or(properties, "enable.idempotence", "false") == "true",
        .max_in_flight = static_cast<int>(
            integer_or(properties, "max.in.flight.requests.per.connection", 1'000'000))};
  }
  const auto brokers = cluster.effective_config();
  for (const auto& topic : plan.topics) {
    contract.replication[topic.name] = topic.replication;
    const auto config = live_config(topic, cluster, stop);
    contract.min_insync_replicas[topic.name] =
        static_cast<int>(integer_or(config, "min.insync.replicas", 1));
    contract.unclean_leader_election[topic.name] =
        value_or(config, "unclean.leader.election.enable", "false") == "true";
    if (const auto flush = integer_or(config, "flush.messages", -1); flush > 0)
      contract.flush_messages[topic.name] = flush;
    contract.retention[topic.name] = read_retention(config, brokers);
  }
  return contract;
}

}  // namespace seatrial::run
