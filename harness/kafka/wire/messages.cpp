// Field by field, in the order of the protocol's message definitions.
#include "kafka/wire/messages.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "kafka/wire/bytes.hpp"

namespace seatrial::kafka::wire {
namespace {

constexpr std::string_view client_id = "seatrial";
constexpr std::string_view quorum_topic = "__cluster_metadata";

std::vector<NodeId> node_ids(Cursor& in) {
  std::vector<NodeId> out(in.array(4));
  for (NodeId& id : out) id = NodeId(in.int32());
  return out;
}

}  // namespace

Error malformed_answer(const char* what) {
  return Error{std::string("the broker's answer to ") + what + " is cut off or malformed", ""};
}

std::string error_name(std::int16_t code) {
  return rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code));
}

std::optional<std::int16_t> common_version(const Versions& theirs, Api api, VersionRange ours) {
  const auto it = theirs.find(static_cast<std::int16_t>(api));
  if (it == theirs.end()) return std::nullopt;
  const auto version = std::min(it->second.most, ours.most);
  if (version < std::max(it->second.least, ours.least)) return std::nullopt;
  return version;
}

Bytes frame(const RequestHeader& header, BytesView body) {
  Writer head;
  head.int16(static_cast<std::int16_t>(header.api)).int16(header.version).int32(header.correlation);
  head.string(client_id);
  if (header.flexible) head.no_tags();
  Writer out;
  out.int32(static_cast<std::int32_t>(head.bytes().size() + body.size()));
  return out.append(head.bytes()).append(body).take();
}

Result<BytesView> answer_body(BytesView answer, const RequestHeader& request) {
  Cursor in(answer);
  const std::int32_t correlation = in.int32();
  if (request.flexible && request.api != Api::api_versions) in.skip_tags();
  if (!in.ok()) return malformed_answer("a request");
  if (correlation != request.correlation) {
    return Error{"the broker answered another request than the one asked", ""};
  }
  return answer.last(in.left());
}

Result<Versions> decode_api_versions(BytesView body) {
  Cursor in(body);
  const std::int16_t error = in.int16();
  Versions out;
  for (std::size_t left = in.array(6); left > 0; --left) {
    const std::int16_t key = in.int16();
    const std::int16_t least = in.int16();
    out[key] = {least, in.int16()};
  }
  if (!in.ok()) return malformed_answer("ApiVersions");
  if (error != 0) return Error{"ApiVersions: " + error_name(error), ""};
  return out;
}

Bytes encode_metadata(std::int16_t version, const std::vector<std::string>& topics) {
  Writer out;
  out.int32(static_cast<std::int32_t>(topics.size()));
  for (const auto& topic : topics) out.string(topic);
  if (version >= 4) out.int8(0);  // do not create topics
  return out.take();
}

namespace {

PartitionMetadata partition_metadata(std::int16_t version, Cursor& in) {
  PartitionMetadata out;
  out.error = in.int16();
  out.partition = in.int32();
  out.leader = NodeId(in.int32());
  if (version >= 7) out.leader_epoch = in.int32();
  out.replicas = node_ids(in);
  out.isr = node_ids(in);
  if (version >= 5) node_ids(in);  // replicas on failed disks
  return out;
}

}  // namespace

Result<Metadata> decode_metadata(std::int16_t version, BytesView body) {
  Cursor in(body);
  Metadata out;
  if (version >= 3) in.int32();  // throttle time
  for (std::size_t left = in.array(12); left > 0 && in.ok(); --left) {
    BrokerMetadata broker;
    broker.id = NodeId(in.int32());
    broker.host = in.string();
    broker.port = in.int32();
    in.string();  // rack
    out.brokers.push_back(std::move(broker));
  }
  if (version >= 2) out.cluster_id = in.string();
  out.controller = NodeId(in.int32());
  for (std::size_t left = in.array(9); left > 0 && in.ok(); --left) {
    TopicMetadata topic;
    topic.error = in.int16();
    topic.name = in.string();
    in.boolean();  // internal
    for (std::size_t parts = in.array(18); parts > 0 && in.ok(); --parts) {
      topic.partitions.push_back(partition_metadata(version, in));
    }
    out.topics.push_back(std::move(topic));
  }
  if (!in.ok()) return malformed_answer("Metadata");
  return out;
}

Bytes encode_list_offsets(std::int16_t version, const TopicPartition& where, Offset which) {
  return encode_all_offsets(version, {where}, which);
}

Bytes encode_all_offsets(std::int16_t version, const std::vector<TopicPartition>& all,
                         Offset which) {
  constexpr std::int32_t as_consumer = -1, as_debugger = -2;
  constexpr std::int64_t latest = -1, earliest = -2;
  Writer out;
  out.int32(which == Offset::log_end ? as_debugger : as_consumer);
  if (version >= 2) out.int8(which == Offset::last_stable ? 1 : 0);  // read committed, or not
  std::map<std::string, std::vector<std::int32_t>> topics;
  for (const TopicPartition& where : all) topics[where.topic].push_back(where.partition);
  out.int32(static_cast<std::int32_t>(topics.size()));
  for (const auto& [topic, partitions] : topics) {
    out.string(topic).int32(static_cast<std::int32_t>(partitions.size()));
    for (const std::int32_t partition : partitions) {
      out.int32(partition);
      if (version >= 4) out.int32(-1);  // whatever leader epoch is current
      out.int64(which == Offset::log_start ? earliest : latest);
    }
  }
  return out.take();
}

Result<std::map<TopicPartition, std::int64_t>> decode_all_offsets(std::int16_t version,
                                                                  BytesView body) {
  Cursor in(body);
  if (version >= 2) in.int32();  // throttle time
  std::map<TopicPartition, std::int64_t> out;
  for (std::size_t topics = in.array(6); topics > 0 && in.ok(); --topics) {
    const std::string topic(in.string());
    for (std::size_t partitions = in.array(22); partitions > 0 && in.ok(); --partitions) {
      const std::int32_t partition = in.int32();
      const std::int16_t error = in.int16();
      in.int64();  // timestamp
      const std::int64_t offset = in.int64();
      if (version >= 4) in.int32();  // leader epoch
      if (error == 0 && offset >= 0) out[{topic, partition}] = offset;
    }
  }
  if (!in.ok()) return malformed_answer("ListOffsets");
  return out;
}

Result<std::int64_t> decode_list_offsets(std::int16_t version, BytesView body) {
  Cursor in(body);
  if (version >= 2) in.int32();  // throttle time
  const std::size_t topics = in.array(6);
  in.string();
  const std::size_t partitions = in.array(22);
  in.int32();  // partition
  const std::int16_t error = in.int16();
  in.int64();  // timestamp
  const std::int64_t offset = in.int64();
  if (!in.ok() || topics != 1 || partitions != 1) return malformed_answer("ListOffsets");
  if (error != 0) return Error{"ListOffsets: " + error_name(error), ""};
  if (offset < 0) return Error{"ListOffsets: the broker knows no such offset", ""};
  return offset;
}

Bytes encode_find_coordinator(Coordinated what, const std::string& name) {
  return Writer().string(name).int8(static_cast<std::int8_t>(what)).take();
}

Result<NodeId> decode_find_coordinator(BytesView body) {
  Cursor in(body);
  in.int32();  // throttle time
  const std::int16_t error = in.int16();
  in.string();  // the error in words
  const NodeId node(in.int32());
  if (!in.ok()) return malformed_answer("FindCoordinator");
  if (error != 0) return Error{"FindCoordinator: " + error_name(error), ""};
  return node;
}

Bytes encode_describe_quorum() {
  Writer out;
  out.varint(2).compact_string(quorum_topic);  // array of one: count plus one
  out.varint(2).int32(0).no_tags();
  return out.no_tags().no_tags().take();
}

Result<Quorum> decode_describe_quorum(BytesView body) {
  Cursor in(body);
  Quorum out;
  std::int16_t error = in.int16();
  if (in.ok() && error != 0) return Error{"DescribeQuorum: " + error_name(error), ""};
  if (in.compact_array(3) != 1) return malformed_answer("DescribeQuorum");
  in.compact_string();
  if (in.compact_array(20) != 1) return malformed_answer("DescribeQuorum");
  in.int32();  // partition
  error = in.int16();
  out.leader = NodeId(in.int32());
  out.leader_epoch = in.int32();
  in.int64();  // high watermark
  for (std::size_t left = in.compact_array(13); left > 0 && in.ok(); --left) {
    out.voters.emplace_back(in.int32());
    in.int64();  // log end offset
    in.skip_tags();
  }
  if (!in.ok()) return malformed_answer("DescribeQuorum");
  if (error != 0) return Error{"DescribeQuorum: " + error_name(error), ""};
  return out;
}

}  // namespace seatrial::kafka::wire
