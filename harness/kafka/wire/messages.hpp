// The requests and answers that the harness speaks itself, as pure functions from values to bytes
// and back: ApiVersions v0, Metadata v1 to v7, ListOffsets v1 to v4, FindCoordinator v1 and v2,
// DescribeQuorum v0; Fetch, Produce and what administers have files of their own.
// Non-flexible versions where there are any, so that every broker from 0.11 to 4.x, and the mock,
// understands them.
//
// Decoders take any bytes: what does not fit is an Error, never a crash. No sockets here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace seatrial::kafka::wire {

enum class Api : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  find_coordinator = 10,
  api_versions = 18,
  init_producer_id = 22,
  end_txn = 26,
  describe_log_dirs = 35,
  create_partitions = 37,
  elect_leaders = 43,
  incremental_alter_configs = 44,
  alter_partition_reassignments = 45,
  describe_quorum = 55
};

using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

// That bytes are no answer to `what`.
[[nodiscard]] Error malformed_answer(const char* what);

// The name of a Kafka error code: NOT_LEADER_FOR_PARTITION.
[[nodiscard]] std::string error_name(std::int16_t code);

struct VersionRange {
  std::int16_t least = 0;
  std::int16_t most = -1;
  friend bool operator==(VersionRange, VersionRange) = default;
};
using Versions = std::map<std::int16_t, VersionRange>;  // by api key

// The highest version that both sides speak.
[[nodiscard]] std::optional<std::int16_t> common_version(const Versions& theirs, Api api,
                                                         VersionRange ours);

inline constexpr VersionRange metadata_versions{1, 7};
inline constexpr VersionRange list_offsets_versions{1, 4};
inline constexpr VersionRange describe_quorum_versions{0, 0};

// A frame: size, header, body. Header 2 ends in tagged fields and belongs to flexible versions.
struct RequestHeader {
  Api api{};
  std::int16_t version = 0;
  std::int32_t correlation = 0;
  bool flexible = false;
};
[[nodiscard]] Bytes frame(const RequestHeader& header, BytesView body);
// What an answer's frame (without its size) holds after the header. An answer to another request is
// an error. Answers to ApiVersions have no tagged fields in their header, whatever the version.
Result<BytesView> answer_body(BytesView answer, const RequestHeader& request);

Result<Versions> decode_api_versions(BytesView body);

struct PartitionMetadata {
  std::int16_t error = 0;
  std::int32_t partition = 0;
  NodeId leader{-1};
  std::int32_t leader_epoch = -1;  // known from version 7 on
  std::vector<NodeId> replicas;
  std::vector<NodeId> isr;
  friend bool operator==(const PartitionMetadata&, const PartitionMetadata&) = default;
};
struct TopicMetadata {
  std::int16_t error = 0;
  std::string name;
  std::vector<PartitionMetadata> partitions;
  friend bool operator==(const TopicMetadata&, const TopicMetadata&) = default;
};
struct BrokerMetadata {
  NodeId id;
  std::string host;
  std::int32_t port = 0;
  friend bool operator==(const BrokerMetadata&, const BrokerMetadata&) = default;
};
struct Metadata {
  std::vector<BrokerMetadata> brokers;
  std::string cluster_id;  // from version 2 on
  NodeId controller{-1};   // in KRaft mode any broker, not the active controller
  std::vector<TopicMetadata> topics;
  friend bool operator==(const Metadata&, const Metadata&) = default;
};
[[nodiscard]] Bytes encode_metadata(std::int16_t version, const std::vector<std::string>& topics);
Result<Metadata> decode_metadata(std::int16_t version, BytesView body);

// Which end of the log, and as whom: a consumer sees up to the high watermark, one under
// read_committed up to the last stable offset, below which every transaction has ended, and a
// debugger the log itself.
enum class Offset { log_start, last_stable, high_watermark, log_end };
[[nodiscard]] Bytes encode_list_offsets(std::int16_t version, const TopicPartition& where,
                                        Offset which);
Result<std::int64_t> decode_list_offsets(std::int16_t version, BytesView body);
// The same of many partitions at once. Those that the broker refuses (it does not lead them any
// more, say) are left out of the answer.
[[nodiscard]] Bytes encode_all_offsets(std::int16_t version,
                                       const std::vector<TopicPartition>& all, Offset which);
Result<std::map<TopicPartition, std::int64_t>> decode_all_offsets(std::int16_t version,
                                                                  BytesView body);

inline constexpr VersionRange find_coordinator_versions{1, 2};
enum class Coordinated : std::int8_t { group = 0, transactional_id = 1 };
[[nodiscard]] Bytes encode_find_coordinator(Coordinated what, const std::string& name);
Result<NodeId> decode_find_coordinator(BytesView body);

struct Quorum {
  NodeId leader{-1};  // the active controller
  std::int32_t leader_epoch = -1;
  std::vector<NodeId> voters;
  friend bool operator==(const Quorum&, const Quorum&) = default;
};
[[nodiscard]] Bytes encode_describe_quorum();
Result<Quorum> decode_describe_quorum(BytesView body);

}  // namespace seatrial::kafka::wire
