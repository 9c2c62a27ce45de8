// The audit's comparison: fed every message of every partition in log order, it tells what is
// present, twice, out of order, never sent or altered. It trusts no counter of the producer. The
// reading itself (who connects, until where) is run/audit's.
//
// Per stream it keeps the intervals seen, so memory grows with gaps. One owner; different
// partitions may be observed by different threads at the same time, since a stream belongs to one
// of them.
//
// Told at which offsets messages were acked (ledger/offsets.hpp), it tells expired messages from
// lost ones and notices those found elsewhere.
// Told what a consumer group passed over (ledger/group.hpp), it tells which of that held messages.
//
// A damaged message is corrupt, not lost: where its identity can be told (by undoing the damage so
// that the CRC holds, else from the stream and sequence it still carries) its sequence counts as
// present. It knows of transactions what the reader says (LogRecord::committed) and nothing of
// compaction; offsets may have gaps, and tombstones, which carry no identity, are counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "ledger/group.hpp"
#include "ledger/offsets.hpp"

namespace seatrial::ledger {

class Audit {
 public:
  // `streams`: the ledger's snapshot. Messages of other trials (another tag) are phantoms.
  Audit(std::uint32_t trial_tag, std::vector<StreamHistory> streams);
  ~Audit();

  // Declares a partition and the span of offsets that is to be read.
  void expect(const TopicPartition& where, std::int64_t log_start, std::int64_t log_end);
  // What the ledger knows of offsets, by StreamId; without it nothing is said of expired messages
  // and of offsets that differ. Before any `observe`.
  void report(std::vector<StreamOffsets> offsets);
  // Offsets that a group passed over; `group`: its index in History::groups. Before any `observe`.
  void watch(std::size_t group, bool read_committed, const std::vector<OffsetGap>& gaps);
  // Records of one batch, in offset order within their partition. An offset that does not ascend,
  // or lies outside the span, means that the log changed under the audit: the partition becomes
  // incomplete. A control batch's record counts as read, and is no message.
  void observe(const TopicPartition& where, const LogBatch& batch,
               std::span<const LogRecord> records);
  // The partition was read to its log end; or was not, and why (the first reason stays).
  void complete(const TopicPartition& where);
  void incomplete(const TopicPartition& where, const std::string& reason);

  [[nodiscard]] std::uint64_t messages_read() const;  // of all partitions, so far
  // Sets the history's streams, with what was found of them, and its partitions, with all
  // sightings, in order; adds what was found in the gaps to its groups; leaves the rest alone. A
  // stream's partition that was never expected is there as incomplete. The audit is spent.
  void finish(History& history);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::ledger
