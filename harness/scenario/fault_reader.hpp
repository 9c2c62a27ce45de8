// One entry of `timeline:`, checked by itself; what entries mean for each other is in
// timeline_reader.cpp.
#pragma once

#include <optional>
#include <string>

#include "core/fault.hpp"
#include "scenario/readers.hpp"

namespace seatrial::scenario {

// `previous`: the entry before it in a sequence, whose healing is the trigger where none is given;
// empty: it must have one.
std::optional<FaultRead> read_fault(const Node& entry, const std::string& previous,
                                    const FaultSetting& setting, ReadContext& context);

// After which a broker that is silent is given up.
[[nodiscard]] nanoseconds broker_session(const ClusterSpec& cluster);

// What such a fault speaks of and the scenario does not hold; empty: nothing.
[[nodiscard]] std::string missing_for(const Fault::Needs& needs, const ClusterSpec& cluster,
                                      const std::vector<TopicPlan>& topics);

// The properties that a fault gives a topic are Kafka's, as those of `topics:` are: checked by
// their definitions, and with the values that Kafka is given.
[[nodiscard]] Options as_kafka_takes(const Node& map, const Plugin<Fault>& plugin,
                                     const Options& options, const ClusterSpec& cluster,
                                     ReadContext& context);

// Why the partition that it names is none; empty: it is one, or none is named.
[[nodiscard]] std::string missing_partition(const Fault::Needs& needs,
                                            const std::vector<TopicPlan>& topics);

// Why a fault with such needs cannot be done on such a cluster, with what can; nothing if it can.
[[nodiscard]] std::optional<std::string> cannot_be_fitted(const Fault::Needs& needs,
                                                          const ClusterSpec& cluster);

}  // namespace seatrial::scenario
