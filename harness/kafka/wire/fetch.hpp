// Fetch, versions 4 to 10, as pure functions from values to bytes and back: one partition a
// request, read_committed, without a fetch session. What records an answer holds is for
// record_batch.hpp.
//
// Version 11 is left out on purpose: from there on a broker may send its readers to a follower, and
// an audit reads what leaders hold.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/wire/messages.hpp"

namespace seatrial::kafka::wire {

inline constexpr VersionRange fetch_versions{4, 10};

struct FetchRequest {
  const TopicPartition& where;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;  // the leader's, else it refuses; -1 or before version 9: any
  std::int32_t max_bytes = 1 << 20;
  milliseconds max_wait{100};  // for the first byte
};
[[nodiscard]] Bytes encode_fetch(std::int16_t version, const FetchRequest& request);

// Its data lies at first_offset and above, up to its marker.
struct AbortedTransaction {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = 0;
  friend bool operator==(AbortedTransaction, AbortedTransaction) = default;
};

struct FetchAnswer {
  std::int16_t error = 0;
  std::int32_t throttle_ms = 0;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::vector<AbortedTransaction> aborted;  // that touch the span of the records
  BytesView records;                        // in the answer's bytes; the last batch may be cut off
};
// An answer about another partition than the one asked for is an error.
Result<FetchAnswer> decode_fetch(std::int16_t version, BytesView body, const TopicPartition& asked);

}  // namespace seatrial::kafka::wire
