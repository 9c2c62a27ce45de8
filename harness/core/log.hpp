// What a log holds, as the audit meets it: batches, and in them records, in offset order within a
// partition. Whoever wants to judge more than the ledger does (transactions, transforms,
// compaction) gives an observer, which sees every record once and adds its findings to the history.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/history.hpp"
#include "core/ids.hpp"

namespace seatrial {

// The header of a record batch (format v2). Read through librdkafka none of it is known: `seen` is
// false and the rest is at its defaults.
struct LogBatch {
  bool seen = false;
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  std::int32_t leader_epoch = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;  // holds a marker, and no record of a user's
  bool log_append_time = false;
  std::int64_t max_timestamp_ms = -1;
};

// Views are valid during the call that hands the record over.
struct LogRecord {
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;
  std::span<const std::byte> key;    // data() is null for no key
  std::span<const std::byte> value;  // data() is null for a tombstone
  // Whether a reader under read_committed is given it: not of an aborted transaction.
  bool committed = true;
};

class LogObserver {
 public:
  virtual ~LogObserver() = default;
  // A reading begins, perhaps anew because a leader moved: forget what was seen.
  virtual void begin() = 0;
  virtual void observe(const TopicPartition& where, const LogBatch& batch,
                       const LogRecord& record) = 0;
  // Every partition was read, or not: history.partitions tells. Adds what it found.
  virtual void finish(History& history) = 0;
};

}  // namespace seatrial
