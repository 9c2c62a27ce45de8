// Field by field, in the order of the protocol's message definitions.
#include "kafka/wire/administration.hpp"

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {

Bytes encode_elect_leaders(Election kind, const TopicPartition& where, std::int32_t timeout_ms) {
  Writer out;
  out.int8(static_cast<std::int8_t>(kind));
  out.int32(1).string(where.topic).int32(1).int32(where.partition);
  return out.int32(timeout_ms).take();
}

Result<Answer> decode_elect_leaders(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  Answer out{.error = in.int16(), .words = {}};
  for (std::size_t topics = in.array(6); topics > 0 && in.ok(); --topics) {
    in.string();
    for (std::size_t left = in.array(8); left > 0 && in.ok(); --left) {
      in.int32();  // partition
      const std::int16_t error = in.int16();
      std::string words = in.string();
      if (out.error == 0) out = {.error = error, .words = std::move(words)};
    }
  }
  if (!in.ok()) return malformed_answer("ElectLeaders");
  return out;
}

Bytes encode_reassignment(const TopicPartition& where,
                          const std::optional<std::vector<NodeId>>& replicas,
                          std::int32_t timeout_ms) {
  Writer out;
  out.int32(timeout_ms);
  out.varint(2).compact_string(where.topic);  // an array of one: count plus one
  out.varint(2).int32(where.partition);
  out.varint(replicas ? replicas->size() + 1 : 0);
  if (replicas)
    for (const NodeId node : *replicas) out.int32(node.value);
  return out.no_tags().no_tags().no_tags().take();
}

Result<Answer> decode_reassignment(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  Answer out{.error = in.int16(), .words = {}};
  out.words = in.compact_string();
  for (std::size_t topics = in.compact_array(3); topics > 0 && in.ok(); --topics) {
    in.compact_string();
    for (std::size_t left = in.compact_array(8); left > 0 && in.ok(); --left) {
      in.int32();  // partition
      const std::int16_t error = in.int16();
      std::string words = in.compact_string();
      in.skip_tags();
      if (out.error == 0) out = {.error = error, .words = std::move(words)};
    }
    in.skip_tags();
  }
  if (!in.ok()) return malformed_answer("AlterPartitionReassignments");
  return out;
}

Bytes encode_alter_configs(Configured what, const std::string& name, const ConfigChanges& changes) {
  constexpr std::int8_t set = 0, remove = 1;
  Writer out;
  out.int32(1).int8(static_cast<std::int8_t>(what)).string(name);
  out.int32(static_cast<std::int32_t>(changes.size()));
  for (const auto& [key, value] : changes) {
    out.string(key).int8(value ? set : remove);
    if (value) out.string(*value);
    else out.int16(-1);
  }
  return out.int8(0).take();  // not only to validate
}

Result<Answer> decode_alter_configs(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  Answer out;
  for (std::size_t left = in.array(7); left > 0 && in.ok(); --left) {
    const std::int16_t error = in.int16();
    std::string words = in.string();
    in.int8();
    in.string();
    if (out.error == 0) out = {.error = error, .words = std::move(words)};
  }
  if (!in.ok()) return malformed_answer("IncrementalAlterConfigs");
  return out;
}

Bytes encode_create_partitions(const std::string& topic, std::int32_t count,
                               std::int32_t timeout_ms) {
  Writer out;
  out.int32(1).string(topic).int32(count).int32(-1);  // wherever brokers put them
  return out.int32(timeout_ms).int8(0).take();
}

Result<Answer> decode_create_partitions(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  Answer out;
  for (std::size_t left = in.array(6); left > 0 && in.ok(); --left) {
    in.string();
    const std::int16_t error = in.int16();
    std::string words = in.string();
    if (out.error == 0) out = {.error = error, .words = std::move(words)};
  }
  if (!in.ok()) return malformed_answer("CreatePartitions");
  return out;
}

Bytes encode_describe_log_dirs() { return Writer().int32(0).take(); }

Result<std::vector<LogDir>> decode_describe_log_dirs(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  std::vector<LogDir> out;
  for (std::size_t dirs = in.array(8); dirs > 0 && in.ok(); --dirs) {
    LogDir& dir = out.emplace_back();
    dir.error = in.int16();
    dir.path = in.string();
    for (std::size_t topics = in.array(6); topics > 0 && in.ok(); --topics) {
      in.string();
      for (std::size_t left = in.array(21); left > 0 && in.ok(); --left) in.skip(21);
    }
  }
  if (!in.ok()) return malformed_answer("DescribeLogDirs");
  return out;
}

}  // namespace seatrial::kafka::wire
