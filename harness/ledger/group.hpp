// The consumer side of the ledger: what a group was handed, whoever tells it. Members in threads or
// in processes of their own feed it with deliveries, commits and the ends they reached; it yields
// the group's history, and the gaps in which the audit has to look for messages.
//
//   GroupLedger group({.workload = "read", .group = "read", .topic = "orders", .partitions = 6});
//   group.observe(batch);                // per poll, in the order of polling within a member
//   group.committed(3, 1200);            // a commit that was answered without an error
//   group.read_until(3, 1207);           // where its reading ended, after the load had
//   history.groups.push_back(group.history());
//   audit.watch(index_in_history_groups, read_committed, group.gaps());
//
// In a share group several members read a partition at a time, in any order, and none commits
// offsets: only identities are looked at, and the group has read as far as the highest offset that
// any member was handed, once a member has told the end of its reading.
//
// A gap in offsets proves nothing by itself (markers, aborted transactions, compaction): whether it
// held messages is the audit's to tell. Memory grows with gaps, and is bounded. Thread-safe (one
// mutex): callers pass whole batches.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"

namespace seatrial::ledger {

class OperationLog;

struct GroupShape {
  std::string workload, group, topic;
  std::int32_t partitions = 1;  // of the topic
  bool read_committed = false;
  bool from_start = true;     // auto.offset.reset=earliest
  bool at_most_once = false;  // members may die between storing an offset and telling the delivery
  bool share = false;  // a share group (KIP-932): no order, no gaps, no commits by offset
  OperationLog* operations = nullptr;  // where every poll is kept as well; null: nowhere
};

// A record as a member was handed it.
struct Delivery {
  std::uint32_t member = 0;      // dense, of this group; a member that was started anew is another
  std::uint32_t assignment = 0;  // grows whenever this member is given the partition (again)
  std::int32_t partition = 0;
  std::int64_t offset = -1;
  bool identified = true;  // false: corrupt, or of another trial; then only its offset counts
  StreamId stream;
  Seq seq;
  std::int64_t intended_ns = 0, delivered_ns = 0;  // steady clock
  bool first = false;  // out: the group had not been handed this (stream, seq) before
};

// Offsets [begin, end) that a group passed over, and what it is accused of if they hold messages.
struct OffsetGap {
  enum class Kind { poll_skip, committed_beyond_delivered, skipped };
  Kind kind = Kind::poll_skip;
  TopicPartition where;
  std::int64_t begin = 0, end = 0;
  std::int64_t at_ns =
      0;  // of a poll_skip: when what comes behind it was handed over; steady clock
  friend auto operator<=>(const OffsetGap&, const OffsetGap&) = default;
};

class GroupLedger {
 public:
  static constexpr std::size_t default_gaps = 1 << 18;
  // Entries of GroupHistory::handed_over, over all streams; 24 bytes each.
  static constexpr std::size_t most_handed_over = 1 << 20;

  // `most_gaps`: kept per kind; the rest are counted as dropped.
  explicit GroupLedger(GroupShape shape = {}, std::size_t most_gaps = default_gaps);
  ~GroupLedger();

  void observe(std::span<Delivery> batch);
  // The offset to read next, as committed: tell it after the deliveries that came before it.
  void committed(std::int32_t partition, std::int64_t offset);
  // Where some member's reading of this partition ended, after the last message was produced: the
  // offset that would have been next. Whether that is the log's end is known after the audit.
  void read_until(std::int32_t partition, std::int64_t offset);
  // What the coordinator holds at the end; not told: the last commit of its members counts.
  void coordinator_holds(std::int32_t partition, std::int64_t offset);

  [[nodiscard]] std::int32_t partitions() const;  // of the shape
  [[nodiscard]] std::uint64_t distinct() const;
  [[nodiscard]] std::uint64_t redelivered() const;
  [[nodiscard]] GroupHistory history() const;
  // In order of kind and place. Messages below the first delivery count only with `from_start`.
  [[nodiscard]] std::vector<OffsetGap> gaps() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::ledger
