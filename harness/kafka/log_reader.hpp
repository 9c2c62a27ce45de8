// Reads spans of partitions from a log, without a consumer group: for the audit. Straight from
// Fetch answers (wire) it sees batches, leader epochs, markers and which records were aborted;
// through librdkafka it sees records only. CRCs are checked either way, and records of aborted
// transactions are read too.
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
#include "core/log.hpp"
#include "core/time.hpp"
#include "kafka/access.hpp"

namespace seatrial::kafka {

enum class Reader { wire, librdkafka };
[[nodiscard]] const char* to_string(Reader reader);

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
  // By wire only:
  std::int32_t leader_epoch = -1;  // of the leader that was read; -1: not known
  bool leader_changed = false;     // there was more than one
  std::int64_t corrupt_batch =
      -1;  // base offset of the one whose CRC32C differs; reading ends there
};

struct LogReading {
  std::vector<ReadOutcome> outcomes;  // one for each span, in their order
  // Why this log cannot be read by wire; what was read is then of no use, and librdkafka is to read
  // it from the beginning.
  std::string refusal;
};

// Records of one batch, at least one, in its order; a long batch comes in several calls. By wire
// also with control records, whose batch says so; through librdkafka with an unseen batch. Views
// are valid during the call. Different partitions may come from different threads at the same time,
// one partition does not. What it throws ends the reading and comes out of read_log.
using OnRecords =
    std::function<void(const TopicPartition&, const LogBatch&, std::span<const LogRecord> records)>;

// Ends when all spans are complete, at the deadline, or on request. Throws
// InfrastructureError if no client can be made.
[[nodiscard]] LogReading read_log(Reader reader, const Access& access,
                                  const std::vector<ReadSpan>& spans, const OnRecords& on_records,
                                  Instant deadline, const std::stop_token& stop);

}  // namespace seatrial::kafka
