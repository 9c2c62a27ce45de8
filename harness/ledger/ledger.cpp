// The layout of the shared mapping, and who writes what:
//
//   LaneHeader    x lanes     taken, slots ever used    by the lane
//   StreamHeader  x streams   opened, published, maxima by the lane
//   Oddities      x streams   offsets out of order      by the lane
//   Run           x streams x 2 x runs_per_stream       by the lane
//   OffsetSpan    x streams x 2 x spans_per_stream      by the lane
//   OffsetSum     x streams x 2 x sums_per_stream       by the lane
//   Slot          x sum of max_in_flight                by the lane; acked_ns: client's thread
//
// A stream's runs live in one of two buffers; `published` names the buffer (by its generation's
// lowest bit) and how many of its runs count. A run is written before it is published, grows by one
// release store of its end, and never moves within a generation. Compaction sorts and joins into
// the *other* buffer and then publishes that in one store, so whoever dies in the middle leaves the
// old one intact. The tables of offsets do likewise (folding.hpp). What a settling touches is not
// written in one store: a slot says 2 meanwhile, so that a lane killed there is told by its slot.
#include "ledger/ledger.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <optional>
#include <tuple>
#include <utility>

#include "core/check.hpp"
#include "core/shared_memory.hpp"
#include "core/time.hpp"
#include "ledger/folding.hpp"
#include "ledger/identity.hpp"
#include "ledger/operation_log.hpp"

namespace seatrial::ledger {
namespace {

// head: the outcome in the top byte, the first sequence below it.
struct Run {
  std::uint64_t head;
  std::uint64_t end;  // one past the last; grows
};
constexpr int outcome_shift = 56;
constexpr std::uint64_t first_mask = (std::uint64_t{1} << outcome_shift) - 1;

std::uint64_t first_of(const Run& run) { return run.head & first_mask; }
std::uint64_t outcome_of(const Run& run) { return run.head >> outcome_shift; }
bool continues(const Run& run, std::uint64_t outcome, std::uint64_t seq) {
  return run.end == seq && outcome_of(run) == outcome;
}
bool starts_before(const Run& a, const Run& b) { return first_of(a) < first_of(b); }

// As fine as a table starts; it grows coarser from there.
constexpr std::uint32_t first_span_shift = 4;  // 16 sequences: what retention's cut leaves open
constexpr std::uint32_t first_sum_shift = 8;   // 256 offsets: what a lost message leaves open

// One cache line per stream, so that lanes do not slow each other down.
struct alignas(64) StreamHeader {
  std::atomic<std::uint64_t> opened{0};
  std::atomic<std::uint64_t> published{0};  // generation (high 32 bits), runs in use (low 32 bits)
  std::atomic<std::int64_t> max_acked_offset{-1};
  std::atomic<std::uint64_t> outcomes_dropped{0};
  std::atomic<std::uint64_t> without_offset{0};  // acked, by an answer that named none
  std::atomic<std::uint32_t> span_shift{first_span_shift};
  std::atomic<std::uint32_t> sum_shift{first_sum_shift};
};
static_assert(sizeof(StreamHeader) == 64);

// Messages acked at an odd offset: the count, published after the example that it counts.
struct OddOffset {
  std::uint64_t seq = 0;
  std::int64_t offset = -1, other = -1;
};
struct OddOffsets {
  std::atomic<std::uint64_t> count{0};
  OddOffset examples[max_examples];
  void add(const OddOffset& odd) {
    const std::uint64_t before = count.load(std::memory_order_relaxed);
    if (before < max_examples) examples[before] = odd;
    count.store(before + 1, std::memory_order_release);
  }
};
struct Oddities {
  OddOffsets nonmonotonic, reused;
};
struct alignas(64) LaneHeader {
  std::atomic<std::uint32_t> taken{0};
  std::atomic<std::uint32_t> slots_used{0};  // slots [0, this) were handed out at least once
};

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "shared between processes");
static_assert(sizeof(Run) == 16 && sizeof(Slot) == 48);

constexpr std::uint64_t pack(std::uint32_t generation, std::uint32_t count) {
  return std::uint64_t{generation} << 32 | count;
}

// Where librdkafka has several batches of a partition in flight, their outcomes arrive as that many
// growing runs; so many recent runs are looked at before a new one is begun.
constexpr std::uint32_t runs_looked_at = 8;

constexpr std::uint32_t least_runs = 1 << 12;
constexpr std::uint32_t most_runs = 1 << 18;
constexpr std::uint64_t reserved_for_runs = std::uint64_t{4} << 30;  // address space, not memory

std::uint32_t choose_runs(std::uint64_t streams) {
  const std::uint64_t each = 2 * sizeof(Run) * std::max<std::uint64_t>(1, streams);
  const std::uint64_t share = reserved_for_runs / each;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(share, least_runs, most_runs));
}

// 16 bytes a cell, two buffers, two tables: at most 16 MiB, however many messages there are, unless
// there are more than 1024 streams.
constexpr std::uint64_t cells_of_all_streams = 1 << 18;
constexpr std::uint64_t least_cells = 1 << 8;

std::uint64_t choose_cells(std::uint64_t streams) {
  return std::bit_floor(
      std::max(least_cells, cells_of_all_streams / std::max<std::uint64_t>(1, streams)));
}

// The lane's private view of one of its streams.
struct Stream {
  StreamHeader* shared = nullptr;
  Run* buffer[2] = {nullptr, nullptr};
  std::uint32_t capacity = 0;
  std::uint32_t generation = 0;
  std::uint32_t count = 0;
  std::uint32_t cursor = 0;         // the run that grew last
  std::uint32_t until_compact = 0;  // when full: outcomes until compaction is tried again
  std::uint64_t opened = 0;
  Oddities* odd = nullptr;
  Folding<OffsetSpan> spans;
  Folding<OffsetSum> sums;
  std::int64_t highest_offset = -1;  // of all acked
  std::uint64_t newest = 0;          // the highest sequence acked with an offset, and that offset
  std::int64_t newest_offset = -1;

  void acked(std::uint64_t seq, std::int64_t offset, std::int64_t acked_before);
  void acked_run(std::uint64_t seq, std::int64_t offset, std::uint64_t messages,
                 std::int64_t acked_before);
  void acked_oddly(std::uint64_t seq, std::int64_t offset, std::int64_t acked_before);
  [[nodiscard]] Run* runs() const { return buffer[generation & 1]; }
  void publish() { shared->published.store(pack(generation, count), std::memory_order_release); }
  void grow(std::uint32_t at, std::uint64_t messages) {
    Run& run = runs()[at];
    std::atomic_ref(run.end).store(run.end + messages, std::memory_order_release);
    cursor = at;
  }
  void record(std::uint64_t outcome, std::uint64_t seq, std::uint64_t messages) {
    if (count > 0 && continues(runs()[cursor], outcome, seq)) {
      grow(cursor, messages);
    } else {
      record_elsewhere(outcome, seq, messages);
    }
  }
  void record_elsewhere(std::uint64_t outcome, std::uint64_t seq, std::uint64_t messages);
  bool record_when_full(std::uint64_t outcome, std::uint64_t seq, std::uint64_t messages);
  void compact();
};

// In a sound log offsets ascend with sequences: then every branch here is foreseen.
void Stream::acked(std::uint64_t seq, std::int64_t offset, std::int64_t acked_before) {
  if (offset > highest_offset && (seq > newest || newest_offset < 0)) [[likely]] {
    newest = seq;
    newest_offset = highest_offset = offset;
    shared->max_acked_offset.store(offset, std::memory_order_release);
  } else {
    acked_oddly(seq, offset, acked_before);
  }
  spans.at(seq).add(offset);
  sums.at(static_cast<std::uint64_t>(offset)).add(offset, seq);
}

// Settled out of turn, or at an offset that is not the highest. Out of turn, a message is compared
// with the newest one only: offsets of those between are not kept.
void Stream::acked_oddly(std::uint64_t seq, std::int64_t offset, std::int64_t acked_before) {
  if (seq > newest) {
    odd->nonmonotonic.add({seq, offset, highest_offset});
    newest = seq;
    newest_offset = offset;
  } else if (offset >= newest_offset) {
    odd->nonmonotonic.add({seq, offset, newest_offset});
  }
  if (offset <= acked_before) odd->reused.add({seq, offset, acked_before});
  if (offset <= highest_offset) return;
  highest_offset = offset;
  shared->max_acked_offset.store(offset, std::memory_order_release);
}

// As `messages` calls of acked, with ascending sequences and offsets.
void Stream::acked_run(std::uint64_t seq, std::int64_t offset, std::uint64_t messages,
                       std::int64_t acked_before) {
  if (offset <= highest_offset || (seq <= newest && newest_offset >= 0)) {
    for (std::uint64_t i = 0; i < messages; ++i) {
      acked(seq + i, offset + static_cast<std::int64_t>(i), acked_before);
    }
    return;
  }
  newest = seq + messages - 1;
  newest_offset = highest_offset = offset + static_cast<std::int64_t>(messages) - 1;
  shared->max_acked_offset.store(highest_offset, std::memory_order_release);
  for (std::uint64_t i = 0; i < messages;) {
    OffsetSpan& span = spans.at(seq + i);
    const std::uint64_t end = std::min(messages, i + spans.left_in_cell(seq + i));
    span.add(offset + static_cast<std::int64_t>(i));
    span.add(offset + static_cast<std::int64_t>(end) - 1);
    i = end;
  }
  for (std::uint64_t i = 0; i < messages;) {
    const auto first = static_cast<std::uint64_t>(offset) + i;
    OffsetSum& sum = sums.at(first);
    const std::uint64_t end = std::min(messages, i + sums.left_in_cell(first));
    for (; i < end; ++i) sum.add(offset + static_cast<std::int64_t>(i), seq + i);
  }
}

void Stream::record_elsewhere(std::uint64_t outcome, std::uint64_t seq, std::uint64_t messages) {
  const std::uint32_t oldest = count > runs_looked_at ? count - runs_looked_at : 0;
  for (std::uint32_t i = count; i > oldest; --i) {
    if (continues(runs()[i - 1], outcome, seq)) return grow(i - 1, messages);
  }
  if (count == capacity && record_when_full(outcome, seq, messages)) return;
  runs()[count] = {outcome << outcome_shift | seq, seq + messages};
  cursor = count++;
  publish();
}

// True if the outcome was dealt with, be it by dropping it; false if there is room for a new run
// now.
bool Stream::record_when_full(std::uint64_t outcome, std::uint64_t seq, std::uint64_t messages) {
  if (until_compact == 0) {
    compact();
    // Trying again at once would cost a sort per message: wait until it may have become worth it.
    until_compact = capacity / 8 + 1;
    if (count < capacity) {
      until_compact = 0;
      return false;
    }
  }
  --until_compact;
  // Full right after a compaction, so the runs are in order and the one to grow can be searched
  // for.
  Run* const after = std::upper_bound(runs(), runs() + count, Run{seq, 0}, starts_before);
  if (after != runs() && continues(*(after - 1), outcome, seq)) {
    grow(static_cast<std::uint32_t>(after - 1 - runs()), messages);
  } else {
    auto& dropped = shared->outcomes_dropped;
    dropped.store(dropped.load(std::memory_order_relaxed) + messages, std::memory_order_relaxed);
  }
  return true;
}

void Stream::compact() {
  Run* const to = buffer[(generation + 1) & 1];
  std::copy(runs(), runs() + count, to);
  std::sort(to, to + count, starts_before);
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (kept > 0 && continues(to[kept - 1], outcome_of(to[i]), first_of(to[i]))) {
      to[kept - 1].end = to[i].end;
    } else {
      to[kept++] = to[i];
    }
  }
  ++generation;
  count = kept;
  cursor = kept - 1;
  // Acquire as well: the next compaction's writes to the buffer left now must not move before this.
  shared->published.exchange(pack(generation, count), std::memory_order_acq_rel);
}

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + 63) / 64 * 64; }

// A copy of a stream's runs, in order. A lane that compacts twice meanwhile would overwrite what is
// being read: then the generation differs, and it is read again.
std::vector<Run> read_runs(const StreamHeader& header, Run* const (&buffer)[2]) {
  for (;;) {
    const std::uint64_t before = header.published.load(std::memory_order_acquire);
    const auto generation = static_cast<std::uint32_t>(before >> 32);
    std::vector<Run> runs(before & 0xffffffff);
    Run* const from = buffer[generation & 1];
    for (std::size_t i = 0; i < runs.size(); ++i) {
      // Acquire, so that the second look at `published` comes after.
      runs[i].head = std::atomic_ref(from[i].head).load(std::memory_order_acquire);
      runs[i].end = std::atomic_ref(from[i].end).load(std::memory_order_acquire);
    }
    if (header.published.load(std::memory_order_relaxed) >> 32 != generation) continue;
    std::sort(runs.begin(), runs.end(), starts_before);
    return runs;
  }
}

Sightings sightings(const OddOffsets& odd, const StreamHistory& stream, const char* note) {
  Sightings out;
  out.count = odd.count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < std::min<std::size_t>(out.count, max_examples); ++i) {
    out.examples.push_back({stream.stream, Seq{odd.examples[i].seq}, stream.where,
                            odd.examples[i].offset, note + std::to_string(odd.examples[i].other)});
  }
  return out;
}

}  // namespace

struct LaneLedger::Impl {
  LaneHeader* header = nullptr;
  Slot* slots = nullptr;
  std::uint32_t slot_count = 0;
  std::uint32_t slots_used = 0;  // those beyond were never touched, and cost no memory yet
  std::vector<SlotIndex> free;   // last in, first out: the next slot is one still in the cache
  std::vector<Stream> streams;
  OperationLog* operations = nullptr;  // null: only the sets are kept
  LaneId lane;
  std::uint32_t first_stream = 0;

  SlotIndex open(std::uint32_t stream, std::int64_t intended_ns, std::uint32_t messages);
  void keep(SlotIndex index, const Slot& slot, Outcome outcome, std::int64_t offset) const;
  Slot& opened_slot(SlotIndex index) {
    check(index < slots_used && slots[index].open == 1, "a slot is settled that is not open");
    return slots[index];
  }
  void release(SlotIndex index) {
    std::atomic_ref(slots[index].open).store(0, std::memory_order_release);
    free.push_back(index);
  }
};

LaneLedger::LaneLedger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LaneLedger::~LaneLedger() = default;
LaneLedger::LaneLedger(LaneLedger&&) noexcept = default;

bool LaneLedger::full() const {
  return impl_->free.empty() && impl_->slots_used == impl_->slot_count;
}

std::uint64_t LaneLedger::in_flight() const { return impl_->slots_used - impl_->free.size(); }

bool LaneLedger::keeps_operations() const { return impl_->operations != nullptr; }

SlotIndex LaneLedger::open(std::uint32_t stream, std::int64_t intended_ns) {
  return impl_->open(stream, intended_ns, 1);
}

SlotIndex LaneLedger::open_run(std::uint32_t stream, std::int64_t intended_ns,
                               std::uint32_t messages) {
  check(messages > 0 && messages <= most_in_run, "a run holds as many messages as a slot counts");
  check(!keeps_operations() || messages == 1, "operations that are kept are opened one by one");
  return impl_->open(stream, intended_ns, messages);
}

SlotIndex LaneLedger::Impl::open(std::uint32_t stream, std::int64_t intended_ns,
                                 std::uint32_t messages) {
  check(stream < streams.size(), "a message of a partition that the lane has no stream for");
  SlotIndex index = slots_used;
  if (!free.empty()) {
    index = free.back();
    free.pop_back();
  } else {
    check(index < slot_count, "a message is opened although every slot is taken");
    new (&slots[index]) Slot;
    header->slots_used.store(++slots_used, std::memory_order_release);
  }
  Stream& of = streams[stream];
  check(of.opened + messages - 1 <= max_seq, "a stream has used up its sequence numbers");
  Slot& slot = slots[index];
  slot.stream = stream;
  slot.messages = static_cast<std::uint16_t>(messages);
  slot.seq = of.opened;
  slot.intended_ns = intended_ns;
  slot.sent_ns = 0;
  slot.acked_before = of.highest_offset;
  slot.acked_ns.store(0, std::memory_order_relaxed);
  slot.open = 1;
  of.opened += messages;
  of.shared->opened.store(of.opened, std::memory_order_release);
  return index;
}

Slot& LaneLedger::slot(SlotIndex index) { return impl_->slots[index]; }

void LaneLedger::keep_operations(OperationLog& log, LaneId lane, std::uint32_t first_stream) {
  impl_->operations = &log;
  impl_->lane = lane;
  impl_->first_stream = first_stream;
}

// With acks=0 nothing was promised: such a message may be there or not.
void LaneLedger::Impl::keep(SlotIndex index, const Slot& slot, Outcome outcome,
                            std::int64_t offset) const {
  const std::int64_t acked_ns = slot.acked_ns.load(std::memory_order_relaxed);
  operations->settled({.lane = lane,
                       .slot = index,
                       .stream = StreamId(first_stream + slot.stream),
                       .seq = Seq(slot.seq),
                       .sent_ns = slot.sent_ns != 0 ? slot.sent_ns : slot.intended_ns,
                       .done_ns = acked_ns != 0 ? acked_ns : to_ns(now()),
                       .end = outcome == Outcome::acked    ? SendOperation::End::acked
                              : outcome == Outcome::failed ? SendOperation::End::failed
                                                           : SendOperation::End::unknown,
                       .offset = outcome == Outcome::acked ? offset : -1});
}

void LaneLedger::settle(SlotIndex index, Outcome outcome, std::int64_t offset) {
  Slot& slot = impl_->opened_slot(index);
  Stream& of = impl_->streams[slot.stream];
  slot.open = 2;
  std::atomic_signal_fence(std::memory_order_seq_cst);  // before all that follows, if killed there
  if (outcome == Outcome::acked) {
    if (offset < 0) {
      auto& without = of.shared->without_offset;
      without.store(without.load(std::memory_order_relaxed) + slot.messages,
                    std::memory_order_relaxed);
    } else if (slot.messages == 1) [[likely]] {
      of.acked(slot.seq, offset, slot.acked_before);
    } else {
      of.acked_run(slot.seq, offset, slot.messages, slot.acked_before);
    }
  }
  if (impl_->operations != nullptr) impl_->keep(index, slot, outcome, offset);
  if (outcome != Outcome::unknown) {
    of.record(static_cast<std::uint64_t>(outcome), slot.seq, slot.messages);
  }
  impl_->release(index);
}

void LaneLedger::retract(SlotIndex index) {
  const Slot& slot = impl_->opened_slot(index);
  Stream& of = impl_->streams[slot.stream];
  check(slot.seq + slot.messages == of.opened,
        "only the newest message of a stream can be taken back");
  of.opened -= slot.messages;
  of.shared->opened.store(of.opened, std::memory_order_release);
  impl_->release(index);
}

std::vector<SlotIndex> LaneLedger::open_slots() const {
  std::vector<SlotIndex> out;
  for (SlotIndex i = 0; i < impl_->slots_used; ++i) {
    if (impl_->slots[i].open == 1) out.push_back(i);
  }
  const Slot* slots = impl_->slots;
  std::sort(out.begin(), out.end(), [slots](SlotIndex a, SlotIndex b) {
    return std::tie(slots[a].intended_ns, slots[a].stream, slots[a].seq) <
           std::tie(slots[b].intended_ns, slots[b].stream, slots[b].seq);
  });
  return out;
}

struct Ledger::Impl {
  std::vector<LaneShape> lanes;
  std::vector<std::uint32_t> first_stream;  // by lane
  std::vector<std::uint64_t> first_slot;    // by lane
  std::uint32_t streams = 0;
  std::uint32_t runs_per_stream = 0;
  SharedMemory memory;
  LaneHeader* lane_headers = nullptr;
  StreamHeader* stream_headers = nullptr;
  Oddities* oddities = nullptr;
  Run* runs = nullptr;
  std::uint64_t cells = 0;  // of each table's buffers
  OffsetSpan* spans = nullptr;
  OffsetSum* sums = nullptr;
  Slot* slots = nullptr;

  Impl(const std::vector<LaneShape>& shapes, std::uint32_t runs_each,
       std::optional<int> descriptor);
  void map(std::uint64_t slot_count, std::optional<int> descriptor);
  [[nodiscard]] Run* buffer(std::uint32_t stream, std::uint32_t which) const {
    return runs + (std::uint64_t{stream} * 2 + which) * runs_per_stream;
  }
  [[nodiscard]] StreamHistory history(std::size_t lane, std::uint32_t partition) const;
};

Ledger::Impl::Impl(const std::vector<LaneShape>& shapes, std::uint32_t runs_each,
                   std::optional<int> descriptor)
    : lanes(shapes) {
  std::uint64_t all_streams = 0;
  std::uint64_t all_slots = 0;
  for (const LaneShape& lane : lanes) {
    first_stream.push_back(static_cast<std::uint32_t>(all_streams));
    first_slot.push_back(all_slots);
    all_streams += lane.partitions;
    all_slots += lane.max_in_flight;
    check(all_streams <= std::uint64_t{max_stream} + 1, "lanes x partitions exceeds 2^24 streams");
  }
  streams = static_cast<std::uint32_t>(all_streams);
  runs_per_stream = runs_each != 0 ? runs_each : choose_runs(streams);
  cells = choose_cells(streams);
  map(all_slots, descriptor);
}

void Ledger::Impl::map(std::uint64_t slot_count, std::optional<int> descriptor) {
  const std::uint64_t streams_at = aligned(lanes.size() * sizeof(LaneHeader));
  const std::uint64_t odd_at = streams_at + streams * sizeof(StreamHeader);
  const std::uint64_t runs_at = aligned(odd_at + streams * sizeof(Oddities));
  const std::uint64_t spans_at =
      aligned(runs_at + std::uint64_t{streams} * 2 * runs_per_stream * sizeof(Run));
  const std::uint64_t sums_at = spans_at + streams * 2 * cells * sizeof(OffsetSpan);
  const std::uint64_t slots_at = sums_at + streams * 2 * cells * sizeof(OffsetSum);
  const auto bytes = std::max<std::uint64_t>(64, slots_at + slot_count * sizeof(Slot));
  memory = descriptor ? SharedMemory::attach(*descriptor, bytes, "the ledger")
                      : SharedMemory::make(bytes, "the ledger");
  auto* const start = memory.data();
  lane_headers = reinterpret_cast<LaneHeader*>(start);
  stream_headers = reinterpret_cast<StreamHeader*>(start + streams_at);
  oddities = reinterpret_cast<Oddities*>(start + odd_at);
  runs = reinterpret_cast<Run*>(start + runs_at);
  spans = reinterpret_cast<OffsetSpan*>(start + spans_at);
  sums = reinterpret_cast<OffsetSum*>(start + sums_at);
  slots = reinterpret_cast<Slot*>(start + slots_at);
  if (descriptor) return;
  // Oddities and cells need nothing of the kind: fresh pages are zeros, and writing costs memory.
  for (std::size_t i = 0; i < lanes.size(); ++i) new (lane_headers + i) LaneHeader;
  for (std::size_t i = 0; i < streams; ++i) new (stream_headers + i) StreamHeader;
}

StreamHistory Ledger::Impl::history(std::size_t lane, std::uint32_t partition) const {
  const std::uint32_t stream = first_stream[lane] + partition;
  const StreamHeader& header = stream_headers[stream];
  StreamHistory out;
  out.stream = StreamId{stream};
  out.workload = lanes[lane].workload;
  out.lane = lanes[lane].lane;
  out.where = {lanes[lane].topic, static_cast<std::int32_t>(partition)};
  // Outcomes first: whatever they speak of was opened before, so `opened` read later covers it.
  for (const Run& run : read_runs(header, {buffer(stream, 0), buffer(stream, 1)})) {
    switch (static_cast<Outcome>(outcome_of(run))) {
      case Outcome::sent: out.sent.insert(first_of(run), run.end); break;
      case Outcome::acked: out.acked.insert(first_of(run), run.end); break;
      case Outcome::failed: out.failed.insert(first_of(run), run.end); break;
      default: throw InvariantBroken("invariant broken: a run in the ledger has no outcome");
    }
  }
  out.max_acked_offset = header.max_acked_offset.load(std::memory_order_acquire);
  out.outcomes_dropped = header.outcomes_dropped.load(std::memory_order_relaxed);
  out.opened = header.opened.load(std::memory_order_acquire);
  out.nonmonotonic_send = sightings(oddities[stream].nonmonotonic, out,
                                    "acked out of order: its stream had an ack at offset ");
  out.offset_reuse =
      sightings(oddities[stream].reused, out, "when it was sent, its stream had an ack at offset ");
  return out;
}

Ledger::Ledger(const std::vector<LaneShape>& lanes, std::uint32_t runs_per_stream)
    : Ledger(std::make_unique<Impl>(lanes, runs_per_stream, std::nullopt)) {}

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::unique_ptr<Ledger> Ledger::attach(const std::vector<LaneShape>& lanes, int descriptor) {
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Impl>(lanes, 0, descriptor)));
}

int Ledger::descriptor() const { return impl_->memory.descriptor(); }

Ledger::~Ledger() = default;

LaneLedger Ledger::lane(std::size_t index) {
  check(index < impl_->lanes.size(), "a lane that the ledger was not made for");
  LaneHeader& header = impl_->lane_headers[index];
  check(header.taken.exchange(1) == 0, "a lane's ledger was handed out twice");
  const LaneShape& shape = impl_->lanes[index];
  auto lane = std::make_unique<LaneLedger::Impl>();
  lane->header = &header;
  lane->slots = impl_->slots + impl_->first_slot[index];
  lane->slot_count = shape.max_in_flight;
  lane->free.reserve(shape.max_in_flight);
  lane->streams.resize(shape.partitions);
  for (std::uint32_t p = 0; p < shape.partitions; ++p) {
    const std::uint32_t stream = impl_->first_stream[index] + p;
    Stream& of = lane->streams[p];
    of.shared = impl_->stream_headers + stream;
    of.buffer[0] = impl_->buffer(stream, 0);
    of.buffer[1] = impl_->buffer(stream, 1);
    of.capacity = impl_->runs_per_stream;
    of.odd = impl_->oddities + stream;
    of.spans = {&of.shared->span_shift, impl_->spans + std::uint64_t{stream} * 2 * impl_->cells,
                impl_->cells};
    of.sums = {&of.shared->sum_shift, impl_->sums + std::uint64_t{stream} * 2 * impl_->cells,
               impl_->cells};
  }
  return LaneLedger(std::move(lane));
}

std::uint32_t Ledger::first_stream(std::size_t index) const {
  check(index < impl_->lanes.size(), "a lane that the ledger was not made for");
  return impl_->first_stream[index];
}

std::vector<StreamHistory> Ledger::snapshot() const {
  std::vector<StreamHistory> out;
  out.reserve(impl_->streams);
  for (std::size_t lane = 0; lane < impl_->lanes.size(); ++lane) {
    for (std::uint32_t p = 0; p < impl_->lanes[lane].partitions; ++p) {
      out.push_back(impl_->history(lane, p));
    }
  }
  return out;
}

std::vector<StreamOffsets> Ledger::offsets() const {
  const Impl& ledger = *impl_;
  std::vector<StreamOffsets> out(ledger.streams);
  for (std::uint32_t i = 0; i < ledger.streams; ++i) {
    StreamHeader& header = ledger.stream_headers[i];
    const std::uint64_t first = std::uint64_t{i} * 2 * ledger.cells;
    std::tie(out[i].span_shift, out[i].spans) =
        read_folding(header.span_shift, ledger.spans + first, ledger.cells,
                     header.opened.load(std::memory_order_acquire));
    const auto last_offset =
        static_cast<std::uint64_t>(header.max_acked_offset.load(std::memory_order_acquire));
    std::tie(out[i].sum_shift, out[i].sums) =
        read_folding(header.sum_shift, ledger.sums + first, ledger.cells, last_offset + 1);
    out[i].without_offset = header.without_offset.load(std::memory_order_relaxed);
  }
  for (std::size_t lane = 0; lane < ledger.lanes.size(); ++lane) {
    const std::uint32_t used = ledger.lane_headers[lane].slots_used.load(std::memory_order_acquire);
    const Slot* slots = ledger.slots + ledger.first_slot[lane];
    for (std::uint32_t i = 0; i < used; ++i) {
      if (slots[i].open == 2) out[ledger.first_stream[lane] + slots[i].stream].torn = true;
    }
  }
  return out;
}

std::uint64_t Ledger::resident_bytes() const {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const SharedMemory& memory = impl_->memory;
  std::vector<unsigned char> present((memory.size() + page - 1) / page);
  check(::mincore(memory.data(), memory.size(), present.data()) == 0, "mincore of the ledger");
  const auto in = std::count_if(present.begin(), present.end(), [](auto p) { return p & 1U; });
  return static_cast<std::uint64_t>(in) * page;
}

std::vector<OpenMessage> Ledger::open_messages(std::size_t index) const {
  check(index < impl_->lanes.size(), "a lane that the ledger was not made for");
  const std::uint32_t used = impl_->lane_headers[index].slots_used.load(std::memory_order_acquire);
  const Slot* slots = impl_->slots + impl_->first_slot[index];
  std::vector<OpenMessage> out;
  for (std::uint32_t i = 0; i < used; ++i) {
    if (slots[i].open == 0) continue;
    for (std::uint64_t m = 0; m < slots[i].messages; ++m) {
      out.push_back({StreamId{impl_->first_stream[index] + slots[i].stream}, Seq{slots[i].seq + m},
                     slots[i].intended_ns, slots[i].sent_ns});
    }
  }
  return out;
}

}  // namespace seatrial::ledger
