// The two judgements on offsets, once the audit has read the log.
#include "ledger/offsets.hpp"

#include <algorithm>

namespace seatrial::ledger {
namespace {

IntervalSet range(std::uint64_t begin, std::uint64_t end) {
  IntervalSet out;
  out.insert(begin, end);
  return out;
}

void add(IntervalSet& to, const IntervalSet& from) {
  for (const auto& i : from.intervals()) to.insert(i.begin, i.end);
}

// Of the acked sequences of a span that reaches from below the log's start to above it.
IntervalSet perhaps_expired(const StreamHistory& stream, const IntervalSet& acked) {
  if (stream.nonmonotonic_send.count > 0) return acked;
  const IntervalSet present = acked.intersect(stream.present);
  if (present.empty()) return acked;
  return acked.intersect(range(0, present.intervals().front().begin));
}

// Messages that were surely found in a block and acked elsewhere, or at another offset of it.
std::uint64_t least_strangers(const OffsetSum& acked, const OffsetSum& found) {
  if (found.count != acked.count) return found.count - std::min(found.count, acked.count);
  return acked == found ? 0 : 1;
}

enum class Block { same, undecided, differs };

// Without duplicates each message that was found is one that was acked, somewhere. As many as were
// acked here, or more, and yet not the same: then one of them was acked elsewhere. Fewer: some may
// be lost.
Block judge(const OffsetSum& acked, const OffsetSum& found, bool explained, bool any_lost) {
  if (acked == found) return Block::same;
  if (explained) return Block::undecided;
  if (found.count < acked.count && any_lost) return Block::undecided;
  return Block::differs;
}

}  // namespace

void report_expired(StreamHistory& stream, const StreamOffsets& offsets, std::int64_t log_start) {
  if (log_start <= 0) return;
  IntervalSet surely;
  for (std::size_t i = 0; i < offsets.spans.size(); ++i) {
    const OffsetSpan& span = offsets.spans[i];
    if (span.empty() || span.lowest_plus_1 - 1 >= log_start) continue;
    const std::uint64_t first = std::uint64_t{i} << offsets.span_shift;
    const std::uint64_t end = first + (std::uint64_t{1} << offsets.span_shift);
    if (span.highest_plus_1 - 1 < log_start) {
      surely.insert(first, end);
    } else {
      add(stream.maybe_expired, perhaps_expired(stream, stream.acked.intersect(range(first, end))));
    }
  }
  // A message that was acked without an offset may lie above those around it.
  add(offsets.without_offset > 0 ? stream.maybe_expired : stream.expired,
      stream.acked.intersect(surely));
  stream.expired = stream.expired.minus(stream.present);
  stream.maybe_expired = stream.maybe_expired.minus(stream.present);
}

void compare_offsets(StreamHistory& stream, const StreamOffsets& reported,
                     const std::vector<OffsetSum>& found, bool ambiguous, std::int64_t log_start,
                     const Sightings& moved) {
  const bool any_lost = !stream.acked.minus(stream.present).minus(stream.expired).empty();
  const bool explained =
      ambiguous || reported.torn || reported.without_offset > 0 || stream.outcomes_dropped > 0;
  std::uint64_t strangers = 0;
  const std::size_t blocks = std::max(reported.sums.size(), found.size());
  for (std::size_t i = 0; i < blocks; ++i) {
    const OffsetSum acked = i < reported.sums.size() ? reported.sums[i] : OffsetSum{};
    const OffsetSum seen = i < found.size() ? found[i] : OffsetSum{};
    if (acked.count == 0 && seen.count == 0) continue;
    const auto begin = static_cast<std::int64_t>(std::uint64_t{i} << reported.sum_shift);
    const auto end = static_cast<std::int64_t>(std::uint64_t{i + 1} << reported.sum_shift);
    if (end <= log_start) continue;  // deleted: nothing to compare
    ++stream.offset_blocks;
    switch (judge(acked, seen, explained || begin < log_start, any_lost)) {
      case Block::same: break;
      case Block::undecided: ++stream.offset_blocks_undecided; break;
      case Block::differs:
        strangers += least_strangers(acked, seen);
        stream.inconsistent_offset.add(
            {stream.stream, Seq{}, stream.where, begin,
             "of offsets " + std::to_string(begin) + " to " + std::to_string(end - 1) + ": " +
                 std::to_string(acked.count) + " acked there, " + std::to_string(seen.count) +
                 " found there, not the same or not at the same offsets"});
    }
  }
  if (stream.inconsistent_offset.count == 0) return;
  // Where a block lacks messages that another must have, and that one is undecided: one at least.
  stream.inconsistent_offset.count = std::max({strangers, moved.count, std::uint64_t{1}});
  if (!moved.examples.empty()) stream.inconsistent_offset.examples = moved.examples;
}

}  // namespace seatrial::ledger
