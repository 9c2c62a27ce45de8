// What a ledger knows of offsets, per stream: between which offsets each group of neighbouring
// sequences was acked (so that deletion by retention is told from loss), and how many messages were
// acked in each block of offsets with a sum over them (so that a message acked at one offset and
// found at another is noticed). Both are tables of a fixed number of cells that grow coarser, not
// larger: when a table is full, neighbouring cells are joined and each stands for twice as much.
//
// Plain values and pure functions. The tables that lanes fill live in the ledger's mapping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"

namespace seatrial::ledger {

// Of some neighbouring sequences: the lowest and highest offset acked, plus one; 0: none was.
struct OffsetSpan {
  std::int64_t lowest_plus_1 = 0, highest_plus_1 = 0;
  [[nodiscard]] bool empty() const { return highest_plus_1 == 0; }
  void add(std::int64_t offset) {
    if (empty() || offset < lowest_plus_1 - 1) lowest_plus_1 = offset + 1;
    if (offset >= highest_plus_1) highest_plus_1 = offset + 1;
  }
  void add(const OffsetSpan& other) {
    if (other.empty()) return;
    add(other.lowest_plus_1 - 1);
    add(other.highest_plus_1 - 1);
  }
  friend bool operator==(const OffsetSpan&, const OffsetSpan&) = default;
};

// Spreads (offset, sequence) so that a sum over many tells one set of pairs from another.
[[nodiscard]] inline std::uint64_t offset_hash(std::int64_t offset, std::uint64_t seq) {
  std::uint64_t x = static_cast<std::uint64_t>(offset) * 0x9e3779b97f4a7c15ULL ^
                    (seq + 1) * 0xd6e8feb86659fd93ULL;
  x = (x ^ x >> 32) * 0xbf58476d1ce4e5b9ULL;
  return x ^ x >> 29;
}

// Of some neighbouring offsets: how many messages were acked there, and the sum of their hashes.
struct OffsetSum {
  std::uint64_t count = 0, sum = 0;
  void add(std::int64_t offset, std::uint64_t seq) {
    ++count;
    sum += offset_hash(offset, seq);
  }
  void add(const OffsetSum& other) {
    count += other.count;
    sum += other.sum;
  }
  friend bool operator==(const OffsetSum&, const OffsetSum&) = default;
};

struct StreamOffsets {
  std::uint32_t span_shift = 0;      // a span stands for 2^span_shift sequences
  std::vector<OffsetSpan> spans;     // by sequence >> span_shift
  std::uint32_t sum_shift = 0;       // a sum stands for 2^sum_shift offsets
  std::vector<OffsetSum> sums;       // by offset >> sum_shift
  std::uint64_t without_offset = 0;  // acked, and the answer named no offset: in no table
  bool torn = false;  // the lane died while it wrote: its sums may be one message off
};

// Fills expired and maybe_expired: which acked messages lie below `log_start`, surely or perhaps.
// Exact but for the sequences of the one span that straddles it, of which those behind the first
// that is present are surely in the log (unless the stream's offsets do not ascend).
void report_expired(StreamHistory& stream, const StreamOffsets& offsets, std::int64_t log_start);

// Compares what was acked with what was found (sums of the same shift, of first copies of acked
// messages only) and fills offset_blocks, offset_blocks_undecided and inconsistent_offset. A block
// that differs is undecided where a lost or unnumbered message explains it, the log's start cuts
// through it, or first copies are `ambiguous`: duplicates or damaged messages. `moved`: messages
// found outside of where they were acked; they become the examples.
//
// Counted are messages by where they were found, at least: in a block with more messages found than
// acked the surplus, in one with as many, but not the same, one; or, if that is more, those moved.
void compare_offsets(StreamHistory& stream, const StreamOffsets& reported,
                     const std::vector<OffsetSum>& found, bool ambiguous, std::int64_t log_start,
                     const Sightings& moved);

}  // namespace seatrial::ledger
