// What administers, and librdkafka 2.0 has no call for or none without a client of its own:
// ElectLeaders v1, AlterPartitionReassignments v0, IncrementalAlterConfigs v0, CreatePartitions v1,
// which any broker takes and passes on to the controller, and DescribeLogDirs v1, which each
// answers for itself. Pure; decoders take any bytes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

enum class Election : std::int8_t { preferred = 0, unclean = 1 };

[[nodiscard]] Bytes encode_elect_leaders(Election kind, const TopicPartition& where,
                                         std::int32_t timeout_ms);
// The error of the partition, or of the request; 0: none.
struct Answer {
  std::int16_t error = 0;
  std::string words;  // of the broker; may be empty
};
Result<Answer> decode_elect_leaders(BytesView body);

// `replicas`, the preferred leader first; nothing: a reassignment under way is cancelled.
[[nodiscard]] Bytes encode_reassignment(const TopicPartition& where,
                                        const std::optional<std::vector<NodeId>>& replicas,
                                        std::int32_t timeout_ms);
Result<Answer> decode_reassignment(BytesView body);

enum class Configured : std::int8_t { topic = 2, broker = 4 };
// Nothing as a value: back to its default.
using ConfigChanges = std::map<std::string, std::optional<std::string>>;
[[nodiscard]] Bytes encode_alter_configs(Configured what, const std::string& name,
                                         const ConfigChanges& changes);
Result<Answer> decode_alter_configs(BytesView body);

[[nodiscard]] Bytes encode_create_partitions(const std::string& topic, std::int32_t count,
                                             std::int32_t timeout_ms);
Result<Answer> decode_create_partitions(BytesView body);

struct LogDir {
  std::string path;        // absolute, as the broker sees it
  std::int16_t error = 0;  // 0: it is in use; KAFKA_STORAGE_ERROR: the broker has given it up
  friend bool operator==(const LogDir&, const LogDir&) = default;
};
// Of the dirs alone, and none of the partitions in them.
[[nodiscard]] Bytes encode_describe_log_dirs();
Result<std::vector<LogDir>> decode_describe_log_dirs(BytesView body);

}  // namespace seatrial::kafka::wire
