// The steps that faults on the cluster as a whole share: ask brokers for a change, then read back
// until it is there. Such a fault has no nodes; its evidence is facts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/fault.hpp"
#include "faults/steps.hpp"
#include "kafka/reshape.hpp"

namespace seatrial::faults {

// Throws FaultIneffective with what the brokers said.
void demand(const Result<bool>& taken);

// As the brokers tell it now, or FaultIneffective.
kafka::PartitionState told_of(kafka::Reshape& cluster, const TopicPartition& where);

// Brokers are asked no more often than that while something is waited for.
inline constexpr milliseconds between_questions{20};

// Reads the partition again and again until it is as `reached` demands; from a stop on for a few
// seconds at most. Returns what was read last, reached or not.
using PartitionPredicate = std::function<bool(const kafka::PartitionState&)>;
kafka::PartitionState await_partition(kafka::Reshape& cluster, const TopicPartition& where,
                                      const PartitionPredicate& reached, milliseconds budget,
                                      const std::stop_token& stop);

// Of all nodes that serve clients, separated by commas.
std::string bootstrap_of(const Cluster& cluster);

// "1 2 3"
std::string ids_text(const std::vector<NodeId>& nodes);
// "orders/0: leader 2, replicas 1 2 3, in sync 2 3"
std::string partition_text(const kafka::PartitionState& partition);

// The option `partition`, as in orders/0, which these faults share.
OptionSpec partition_option();
TopicPartition partition_of(const Options& options);

// A fault with these names `cluster` as its target and leaves the nodes alone.
class OnCluster : public Fault {
 public:
  [[nodiscard]] FaultEffect effect() const override { return FaultEffect::none; }
  [[nodiscard]] bool silences_node() const override { return false; }
  [[nodiscard]] bool acts_on_nodes() const override { return false; }
};

}  // namespace seatrial::faults
