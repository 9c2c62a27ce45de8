// What a transactional producer and the brokers say to each other by the second version of the
// transaction protocol (KIP-890), as pure functions from values to bytes and back: InitProducerId
// v5, Produce v12, EndTxn v5, and ApiVersions v3, which alone tells the levels of the cluster's
// features. What differs from the first version:
//
//   Produce v12   no AddPartitionsToTxn goes before it: the broker adds the partition by itself
//   EndTxn v5     its answer holds the producer's next epoch (or, when those are used up, its next
//                 id), which the next transaction is to use: what comes late of an earlier one
//                 names an epoch that has passed, and is refused
//
// A request of such a version may be sent only where transaction.version is 2 at least. Layouts are
// those of Kafka's protocol guide. Decoders take any bytes: what does not fit is an Error. No
// sockets here.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "kafka/wire/messages.hpp"
#include "kafka/wire/produce.hpp"

namespace seatrial::kafka::wire {

inline constexpr VersionRange features_versions{3, 3};          // of ApiVersions
inline constexpr VersionRange transactional_id_versions{5, 5};  // of InitProducerId
inline constexpr VersionRange transactional_produce_versions{12, 12};
inline constexpr VersionRange end_transaction_versions{5, 5};

inline constexpr const char* transaction_feature = "transaction.version";
inline constexpr std::int16_t second_transaction_version = 2;

// By feature, the level up to which the cluster is finalised; one that is not has none. All of
// these requests are flexible.
[[nodiscard]] Bytes encode_features();
Result<std::map<std::string, std::int16_t>> decode_features(BytesView body);

[[nodiscard]] Bytes encode_transactional_id(std::string_view id, std::int32_t timeout_ms);

// Commits, or aborts.
[[nodiscard]] Bytes encode_end_transaction(std::string_view id, ProducerIdentity producer,
                                           bool commit);

// The answer to either: who the producer is from now on.
struct IdentityAnswer {
  std::int16_t error = 0;
  ProducerIdentity producer;
  std::int32_t throttle_ms = 0;
};
Result<IdentityAnswer> decode_identity(BytesView body, const char* request);

// Batches of several partitions of one topic, at most one of each, all with the same leader.
struct PartitionBatch {
  std::int32_t partition = 0;
  BytesView batch;
};
[[nodiscard]] Bytes encode_transactional_produce(const ProduceTerms& terms, std::string_view id,
                                                 std::string_view topic,
                                                 std::span<const PartitionBatch> batches);

struct ProducedPartition {
  std::int32_t partition = 0;
  std::int16_t error = 0;
  std::int64_t offset = -1;  // of the batch's first record
  std::string words;         // of the broker, with an error; may be empty
};
struct ProducedAnswer {
  std::vector<ProducedPartition> partitions;
  std::int32_t throttle_ms = 0;
};
// An answer about another topic is an error.
Result<ProducedAnswer> decode_transactional_produce(BytesView body, std::string_view topic);

}  // namespace seatrial::kafka::wire
