// The audit's comparison: fed every message of every partition in log order, it tells what is
// present, twice, out of order, never sent or altered. It trusts no counter of the producer. The
// reading itself (who connects, until where) is run/audit's.
//
// Per stream it keeps the intervals seen, so memory grows with gaps. One owner, single-threaded.
//
// A damaged message is corrupt, not lost: where its identity can be told (by undoing the damage so
// that the CRC holds, else from the stream and sequence it still carries) its sequence counts as
// present. It does not know of transactions, leader epochs or compaction; offsets may have gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"

namespace seatrial::ledger {

class Audit {
 public:
  // `streams`: the ledger's snapshot. Messages of other trials (another tag) are phantoms.
  Audit(std::uint32_t trial_tag, std::vector<StreamHistory> streams);
  ~Audit();

  // Declares a partition and the span of offsets that is to be read.
  void expect(const TopicPartition& where, std::int64_t log_start, std::int64_t log_end);
  // One message, in offset order within its partition. An offset that does not ascend, or lies
  // outside the span, means that the log changed under the audit: the partition becomes incomplete.
  void observe(const TopicPartition& where, std::int64_t offset, std::span<const std::byte> value);
  // The partition was read to its log end; or was not, and why (the first reason stays).
  void complete(const TopicPartition& where);
  void incomplete(const TopicPartition& where, const std::string& reason);

  [[nodiscard]] std::uint64_t messages_read() const;
  // Sets the history's streams, with `present` filled, and its partitions, with all sightings, in
  // order; leaves the rest of it alone. A stream's partition that was never expected is there as
  // incomplete. The audit is spent.
  void finish(History& history);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::ledger
