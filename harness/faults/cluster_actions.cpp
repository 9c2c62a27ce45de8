// Asking brokers, and reading back what became of it.
#include "faults/cluster_actions.hpp"

#include <utility>

#include "core/target.hpp"

namespace seatrial::faults {
namespace {

constexpr auto question_time = seconds(10);  // brokers may be down, and elections running

std::string a_partition(std::string_view value) {
  const auto target = parse_target("leader(" + std::string(value) + ")");
  return target ? "" : "'" + std::string(value) + "' is no partition; write it as in orders/0";
}

}  // namespace

void demand(const Result<bool>& taken) {
  if (!taken) throw FaultIneffective(taken.error().message);
}

kafka::PartitionState told_of(kafka::Reshape& cluster, const TopicPartition& where) {
  auto told = cluster.partition(where, now() + question_time);
  if (!told) throw FaultIneffective(told.error().message);
  return std::move(*told);
}

kafka::PartitionState await_partition(kafka::Reshape& cluster, const TopicPartition& where,
                                      const PartitionPredicate& reached, milliseconds budget,
                                      const std::stop_token& stop) {
  kafka::PartitionState state;
  const auto came = [&] {
    state = told_of(cluster, where);
    return reached(state);
  };
  static_cast<void>(await_that(
      came, {.budget = budget, .every = between_questions, .after_stop = stop_grace}, stop));
  return state;
}

std::string bootstrap_of(const Cluster& cluster) {
  std::string out;
  for (const Node& node : cluster.nodes()) {
    if (node.serves_clients()) out += (out.empty() ? "" : ",") + node.address;
  }
  return out;
}

std::string ids_text(const std::vector<NodeId>& nodes) {
  std::string out;
  for (const NodeId node : nodes) out += (out.empty() ? "" : " ") + std::to_string(node.value);
  return out.empty() ? "none" : out;
}

std::string partition_text(const kafka::PartitionState& partition) {
  return to_string(partition.where) + ": leader " +
         (partition.leader.value < 0 ? "none" : std::to_string(partition.leader.value)) +
         ", replicas " + ids_text(partition.replicas) + ", in sync " + ids_text(partition.isr);
}

OptionSpec partition_option() {
  return {.name = "partition",
          .type = OptionType::text,
          .fallback = "",
          .help = "which, as in orders/0",
          .choices = {},
          .required = true,
          .validate = a_partition};
}

TopicPartition partition_of(const Options& options) {
  return parse_target("leader(" + options.text("partition") + ")")->where;
}

}  // namespace seatrial::faults
