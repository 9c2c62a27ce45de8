// Reads spans of partitions from a log with one fresh librdkafka client, without a consumer group:
// for the audit. CRCs are checked, uncommitted records are read too.
//
// Records come in offset order within a partition, partitions mixed. A span may end in offsets that
// hold no record (control records, compaction): it is complete once the broker says that nothing is
// left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial::kafka {

struct ReadSpan {
  TopicPartition where;
  std::int64_t from = 0;
  std::int64_t to = 0;  // one past the last offset
};

struct ReadOutcome {
  TopicPartition where;
  bool complete = false;
  std::string reason;  // why it is not complete
  std::uint64_t messages = 0;
};

// The value is valid during the call. What it throws ends the reading and comes out of read_log.
using OnMessage = std::function<void(const TopicPartition& where, std::int64_t offset,
                                     std::span<const std::byte> value)>;

// One outcome for each span, in their order. Ends when all are complete, at the deadline, or on
// request. Throws InfrastructureError if no client can be made.
[[nodiscard]] std::vector<ReadOutcome> read_log(
    const std::string& bootstrap, const std::vector<ReadSpan>& spans, const OnMessage& on_message,
    Instant deadline, const std::stop_token& stop,
    const std::map<std::string, std::string>& properties = {});

}  // namespace seatrial::kafka
