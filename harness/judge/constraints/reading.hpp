// How constraints read a trial's part of the record.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/view.hpp"
#include "judge/constraint.hpp"

namespace seatrial::judge {

// From the first message on to the end of measure: the time that counters of workloads are of.
[[nodiscard]] double loaded_s(const View& trial);
// Workloads that produce at a rate of their own (open loop).
[[nodiscard]] std::vector<View> open_loops(const View& trial);
// Share of its lanes' time in which the client's queue was full. From a tenth on its lateness is
// the queue's and not the generator's.
[[nodiscard]] double queue_full_share(const View& trial, const View& workload);
inline constexpr double held_up = 0.1;

// Of a field of `machine`: the mean over measure.
[[nodiscard]] std::optional<double> machine_mean(const View& trial, std::string_view field);
// Nodes that serve clients.
[[nodiscard]] std::vector<View> serving_nodes(const View& trial);
// Cores that a node may use; nothing if neither the scenario nor the scene says.
[[nodiscard]] std::optional<double> cores_of_node(const Scene& scene);
// Of all nodes, controllers included; nothing if none tells.
[[nodiscard]] std::optional<double> cluster_cpu(const View& trial);

// How busy this run's own processes kept the machine's cores: the busy share where nodes and
// generator used most of it. Nothing where others did, or the scene does not tell.
[[nodiscard]] std::optional<double> busy_by_us(const Scene& scene);

struct NodeValue {
  std::int64_t node = 0;
  double value = 0;
};
// Of produce requests the mean time in these parts of the broker, by the node where it is longest.
[[nodiscard]] std::optional<NodeValue> produce_wait(const View& trial,
                                                    std::initializer_list<const char*> parts);
// Of a field of `brokers`, the least, by node.
[[nodiscard]] std::optional<NodeValue> least_of_nodes(const View& trial, std::string_view field);

// Over all messages of open loops (else of all producers; else end to end of consumers).
[[nodiscard]] std::optional<double> mean_response_ns(const View& trial);
// Of workloads, weighted by messages.
[[nodiscard]] std::optional<double> mean_latency_ns(const std::vector<View>& workloads,
                                                    const char* latency);
[[nodiscard]] std::optional<double> percentile_ns(const View& latency, double p);

[[nodiscard]] std::string duration_words(double ns);
[[nodiscard]] std::string percent_words(double share);

}  // namespace seatrial::judge
