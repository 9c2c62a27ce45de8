// Ready means more than started: every broker knows of every other, each advertised address
// answers, every topic has its leaders and full ISR, a canary was produced with acks=all; and
// consumed by a member of a group, save on the mock.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "core/cluster.hpp"
#include "core/setting_refused.hpp"
#include "kafka/watch.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// What a node's last words say of a property of `cluster: config:`; nothing if they speak of none.
// Pure.
std::optional<SettingRefused> refused_by_node(const ClusterSpec& cluster, const std::string& words);

// The topic of the message that shows that a cluster takes and gives them, and the group that reads
// it.
[[nodiscard]] std::string canary_name(const std::string& prefix);

struct Readiness {
  nanoseconds first_ack{0};  // since `begun`: the canary acked by all replicas
};

// On a cluster that makes topics itself: before anybody asks for one, since the mock makes what it
// is asked for, with partitions of its own choice. Nothing to do on others.
void create_own_topics(Cluster& cluster, const scenario::TrialPlan& plan);

// Creates the plan's topics on the way, save on such a cluster. Throws SettingRefused,
// InfrastructureError saying what was still missing at `deadline`, or Interrupted.
Readiness make_ready(Cluster& cluster, kafka::ClusterWatch& watch, const scenario::TrialPlan& plan,
                     Instant begun, Instant deadline, const std::stop_token& stop);

}  // namespace seatrial::run
