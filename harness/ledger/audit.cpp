// The comparison of what was read with what was told; what each finding means is in audit.hpp.
#include "ledger/audit.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "core/check.hpp"
#include "ledger/identity.hpp"

namespace seatrial::ledger {
namespace {

// Undoing damage costs one CRC per stream of the partition: a log full of foreign messages must not
// make the audit quadratic.
constexpr std::uint64_t repairs_per_partition = 1000;

// The gaps of one kind of one group in a partition, in order, and what was found in them. They may
// overlap, as several members can pass over the same offsets; a message counts once.
struct Watch {
  std::size_t group = 0;
  OffsetGap::Kind kind = OffsetGap::Kind::poll_skip;
  bool committed_only = false;
  IntervalSet offsets;
  std::size_t cursor = 0;  // records come in offset order
  Sightings found;
  bool holds(std::int64_t offset) {
    const auto at = static_cast<std::uint64_t>(offset);
    const auto& gaps = offsets.intervals();
    while (cursor < gaps.size() && gaps[cursor].end <= at) ++cursor;
    return cursor < gaps.size() && gaps[cursor].begin <= at;
  }
};

const char* note_of(OffsetGap::Kind kind) {
  switch (kind) {
    case OffsetGap::Kind::poll_skip: return "passed over by an assignment that read on behind it";
    case OffsetGap::Kind::committed_beyond_delivered:
      return "committed before anything so high was handed over";
    case OffsetGap::Kind::skipped: return "below the committed offset, and never handed over";
  }
  throw InvariantBroken("invariant broken: a gap of no kind");
}

struct Partition {
  PartitionHistory found;
  std::vector<Watch> watches;
  std::int32_t highest_epoch = -1;
  std::int64_t batch = -1;  // base offset of the last one
  std::int64_t next_offset = 0;
  bool spoilt = false;                 // incomplete, whatever is said later
  std::vector<std::uint32_t> streams;  // whose messages belong here
};

struct Stream {
  StreamHistory history;
  Partition* home = nullptr;  // null: its partition is not part of the audit
  IntervalSet damaged;        // sequences that were found, but only corrupt
  bool any_duplicate = false;
  StreamOffsets reported;        // empty: nobody told
  std::vector<OffsetSum> found;  // as told.sums, of first copies of acked messages
  Sightings moved;               // found outside of where they were acked
  IntervalSet::Interval acked;   // the part of history.acked that was asked for last
  [[nodiscard]] std::uint64_t next() const {
    const auto& seen = history.present.intervals();
    return seen.empty() ? 0 : seen.back().end;
  }
};

void spoil(Partition& partition, const std::string& reason) {
  if (!partition.spoilt) partition.found.incomplete_reason = reason;
  partition.spoilt = true;
  partition.found.complete = false;
}

// Builds the example only where it will be kept.
void sight(Sightings& of, const Identity& identity, const Partition& partition, std::int64_t offset,
           const char* note) {
  if (of.examples.size() >= max_examples) {
    ++of.count;
    return;
  }
  of.add({identity.stream, identity.seq, partition.found.where, offset, note});
}

void add(Sightings& to, const Sightings& from) {
  to.count += from.count;
  const std::size_t room = max_examples - std::min(max_examples, to.examples.size());
  const auto end =
      from.examples.begin() + static_cast<std::ptrdiff_t>(std::min(room, from.examples.size()));
  to.examples.insert(to.examples.end(), from.examples.begin(), end);
}

}  // namespace

struct Audit::Impl {
  std::uint32_t tag = 0;
  std::vector<Stream> streams;  // by StreamId
  std::map<TopicPartition, Partition> partitions;
  std::atomic<std::uint64_t> messages_read{0};

  Partition& find(const TopicPartition& where) {
    const auto at = partitions.find(where);
    check(at != partitions.end(), "the audit was given a partition that it does not expect");
    return at->second;
  }
  void observe(Partition& partition, const LogBatch& batch, const LogRecord& record);
  bool in_span(Partition& partition, std::int64_t offset);
  const char* why_phantom(const Identity& identity, const Partition& partition) const;
  static void batch_begins(Partition& partition, const LogBatch& batch);
  static void look_into_gaps(Partition& partition, const Identity& identity,
                             const LogRecord& record);
  static void compare(Stream& stream, const Identity& identity, const LogRecord& record);
  static void judge_offsets(Stream& stream);
  void good(Partition& partition, const Identity& identity, const LogRecord& record);
  void corrupt(Partition& partition, Identity identity, const LogRecord& record);
  bool repair(const Partition& partition, std::span<const std::byte> value,
              Identity& identity) const;
};

bool Audit::Impl::in_span(Partition& partition, std::int64_t offset) {
  if (offset < partition.next_offset) {
    spoil(partition, "offset " + std::to_string(offset) + " was read when offset " +
                         std::to_string(partition.next_offset) +
                         " or a later one was due: the log changed under the audit");
    return false;
  }
  if (offset >= partition.found.log_end) {
    spoil(partition, "offset " + std::to_string(offset) + " was read beyond the log end " +
                         std::to_string(partition.found.log_end) +
                         ": the log grew under the audit");
  }
  partition.next_offset = offset + 1;
  return true;
}

// Null if the message is one that was opened here.
const char* Audit::Impl::why_phantom(const Identity& identity, const Partition& partition) const {
  if (identity.trial_tag != tag) return "a message of another trial";
  if (identity.stream.value >= streams.size()) return "of a stream that no lane has";
  const Stream& stream = streams[identity.stream.value];
  if (stream.home != &partition) return "of a stream that belongs to another partition";
  if (identity.seq.value >= stream.history.opened) return "of a sequence that was never sent";
  return nullptr;
}

void Audit::Impl::batch_begins(Partition& partition, const LogBatch& batch) {
  if (!batch.seen || batch.base_offset == partition.batch) return;
  partition.batch = batch.base_offset;
  partition.found.batches_seen = true;
  if (batch.control) ++partition.found.control_batches;
  if (batch.leader_epoch < partition.highest_epoch) {
    partition.found.epoch_regression.add(
        {StreamId{}, Seq{}, partition.found.where, batch.base_offset,
         "a batch of leader epoch " + std::to_string(batch.leader_epoch) + " behind one of epoch " +
             std::to_string(partition.highest_epoch)});
  }
  if (partition.highest_epoch >= 0 && batch.leader_epoch > partition.highest_epoch) {
    ++partition.found.leaders_followed;
  }
  partition.highest_epoch = std::max(partition.highest_epoch, batch.leader_epoch);
}

// A group under read_committed is not given what was aborted.
void Audit::Impl::look_into_gaps(Partition& partition, const Identity& identity,
                                 const LogRecord& record) {
  for (Watch& watch : partition.watches) {
    if (!watch.holds(record.offset)) continue;
    if (watch.committed_only && !record.committed) continue;
    sight(watch.found, identity, partition, record.offset, note_of(watch.kind));
  }
}

void Audit::Impl::good(Partition& partition, const Identity& identity, const LogRecord& record) {
  if (const char* why = why_phantom(identity, partition)) {
    return sight(partition.found.phantom, identity, partition, record.offset, why);
  }
  Stream& stream = streams[identity.stream.value];
  const std::uint64_t next = stream.next();
  if (record.committed) stream.history.committed.insert(identity.seq.value);
  if (!stream.history.present.insert(identity.seq.value)) {
    sight(partition.found.duplicate, identity, partition, record.offset,
          "was at a lower offset of this log already");
    stream.any_duplicate = true;
    return;
  }
  if (identity.seq.value < next) {
    sight(partition.found.reordered, identity, partition, record.offset,
          "stands behind a message of its stream that was sent later");
  }
  if (stream.history.offsets_known) compare(stream, identity, record);
}

bool was_acked(Stream& stream, std::uint64_t seq) {
  if (seq >= stream.acked.begin && seq < stream.acked.end) return true;
  const auto& acked = stream.history.acked.intervals();
  const auto above = std::ranges::upper_bound(acked, seq, {}, &IntervalSet::Interval::begin);
  if (above == acked.begin() || std::prev(above)->end <= seq) return false;
  stream.acked = *std::prev(above);
  return true;
}

void Audit::Impl::compare(Stream& stream, const Identity& identity, const LogRecord& record) {
  const std::uint64_t seq = identity.seq.value;
  if (!was_acked(stream, seq)) return;
  const std::size_t block = static_cast<std::uint64_t>(record.offset) >> stream.reported.sum_shift;
  if (block >= stream.found.size()) stream.found.resize(block + 1);
  stream.found[block].add(record.offset, seq);
  const std::size_t at = seq >> stream.reported.span_shift;
  if (at >= stream.reported.spans.size() || stream.reported.spans[at].empty()) return;
  const OffsetSpan& span = stream.reported.spans[at];
  const std::int64_t lowest = span.lowest_plus_1 - 1, highest = span.highest_plus_1 - 1;
  if (record.offset >= lowest && record.offset <= highest) return;
  if (stream.moved.examples.size() >= max_examples) {
    ++stream.moved.count;
    return;
  }
  stream.moved.add({identity.stream, identity.seq, stream.history.where, record.offset,
                    "found here, and acked with its neighbours at offsets " +
                        std::to_string(lowest) + " to " + std::to_string(highest)});
}

void Audit::Impl::judge_offsets(Stream& stream) {
  if (!stream.history.offsets_known || stream.home == nullptr) return;
  const PartitionHistory& partition = stream.home->found;
  if (!partition.complete) return;
  report_expired(stream.history, stream.reported, partition.log_start);
  compare_offsets(stream.history, stream.reported, stream.found,
                  stream.any_duplicate || !stream.damaged.empty(), partition.log_start,
                  stream.moved);
}

void Audit::Impl::corrupt(Partition& partition, Identity identity, const LogRecord& record) {
  const char* note = "its identity cannot be read";
  bool ours = false;
  if (partition.found.corrupt.count < repairs_per_partition &&
      repair(partition, record.value, identity)) {
    note = "its identity was damaged; stream and sequence are those that make its checksum hold";
    ours = true;
  } else if (why_phantom(identity, partition) == nullptr) {
    note = "its checksum differs; stream and sequence are as read";
    ours = true;
  }
  if (ours) {
    Stream& stream = streams[identity.stream.value];
    stream.damaged.insert(identity.seq.value);
    if (record.committed) stream.history.committed.insert(identity.seq.value);
  }
  sight(partition.found.corrupt, identity, partition, record.offset, note);
}

// Was it the message that comes next in one of the streams, with damage in its identity only?
bool Audit::Impl::repair(const Partition& partition, std::span<const std::byte> value,
                         Identity& identity) const {
  for (const std::uint32_t index : partition.streams) {
    const Stream& stream = streams[index];
    std::uint64_t next = stream.next();
    while (stream.damaged.contains(next)) ++next;
    const Identity candidate{tag, StreamId{index}, Seq{next}, identity.intended_ns};
    if (next < stream.history.opened && explains(value, candidate)) {
      identity = candidate;
      return true;
    }
  }
  return false;
}

void Audit::Impl::observe(Partition& partition, const LogBatch& batch, const LogRecord& record) {
  if (!in_span(partition, record.offset)) return;
  batch_begins(partition, batch);
  if (batch.control) return;
  ++partition.found.messages_read;
  if (!record.committed) ++partition.found.aborted_messages;
  if (record.value.data() == nullptr) {
    ++partition.found.tombstones;
    return;
  }
  Identity identity;
  if (read(record.value, identity) == Reading::good) good(partition, identity, record);
  else corrupt(partition, identity, record);
  if (!partition.watches.empty()) look_into_gaps(partition, identity, record);
}

Audit::Audit(std::uint32_t trial_tag, std::vector<StreamHistory> streams)
    : impl_(std::make_unique<Impl>()) {
  impl_->tag = trial_tag;
  impl_->streams.reserve(streams.size());
  for (StreamHistory& history : streams) {
    check(history.stream.value == impl_->streams.size(), "streams are not dense and in order");
    Stream stream;
    stream.history = std::move(history);
    impl_->streams.push_back(std::move(stream));
  }
}

Audit::~Audit() = default;

void Audit::expect(const TopicPartition& where, std::int64_t log_start, std::int64_t log_end) {
  const auto [at, added] = impl_->partitions.try_emplace(where);
  check(added, "the audit was told of a partition twice");
  Partition& partition = at->second;
  partition.found.where = where;
  partition.found.log_start = log_start;
  partition.found.log_end = log_end;
  partition.found.incomplete_reason = "it was not read to its end";
  partition.next_offset = log_start;
  for (std::uint32_t i = 0; i < impl_->streams.size(); ++i) {
    if (impl_->streams[i].history.where != where) continue;
    impl_->streams[i].home = &partition;
    partition.streams.push_back(i);
  }
}

void Audit::report(std::vector<StreamOffsets> offsets) {
  check(offsets.size() == impl_->streams.size(),
        "the ledger's offsets are not those of its streams");
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    Stream& stream = impl_->streams[i];
    stream.reported = std::move(offsets[i]);
    stream.found.resize(stream.reported.sums.size());
    stream.history.offsets_known = true;
  }
}

void Audit::watch(std::size_t group, bool read_committed, const std::vector<OffsetGap>& gaps) {
  for (const OffsetGap& gap : gaps) {
    const auto partition = impl_->partitions.find(gap.where);
    if (partition == impl_->partitions.end()) continue;  // not audited: nothing is claimed of it
    auto& watches = partition->second.watches;
    auto at = std::ranges::find_if(
        watches, [&](const Watch& w) { return w.group == group && w.kind == gap.kind; });
    if (at == watches.end()) {
      watches.push_back({group, gap.kind, read_committed, {}, 0, {}});
      at = std::prev(watches.end());
    }
    at->offsets.insert(static_cast<std::uint64_t>(gap.begin), static_cast<std::uint64_t>(gap.end));
  }
}

void Audit::observe(const TopicPartition& where, const LogBatch& batch,
                    std::span<const LogRecord> records) {
  Partition& partition = impl_->find(where);
  const std::uint64_t before = partition.found.messages_read;
  for (const LogRecord& record : records) impl_->observe(partition, batch, record);
  impl_->messages_read.fetch_add(partition.found.messages_read - before, std::memory_order_relaxed);
}

void Audit::complete(const TopicPartition& where) {
  Partition& partition = impl_->find(where);
  if (partition.spoilt) return;
  partition.found.complete = true;
  partition.found.incomplete_reason.clear();
}

void Audit::incomplete(const TopicPartition& where, const std::string& reason) {
  spoil(impl_->find(where), reason);
}

std::uint64_t Audit::messages_read() const {
  return impl_->messages_read.load(std::memory_order_relaxed);
}

void Audit::finish(History& history) {
  for (Stream& stream : impl_->streams) {
    // Only now, since a good copy may follow a damaged one, and is no duplicate.
    for (const auto& i : stream.damaged.intervals()) stream.history.present.insert(i.begin, i.end);
    Impl::judge_offsets(stream);
    if (stream.home != nullptr) continue;
    const auto [at, added] = impl_->partitions.try_emplace(stream.history.where);
    if (!added) continue;
    at->second.found.where = stream.history.where;
    at->second.found.incomplete_reason = "it was not part of the audit";
  }
  history.streams.clear();
  for (Stream& stream : impl_->streams) history.streams.push_back(std::move(stream.history));
  history.partitions.clear();
  for (auto& [where, partition] : impl_->partitions) {
    for (const Watch& watch : partition.watches) {
      GroupHistory& group = history.groups.at(watch.group);
      switch (watch.kind) {
        case OffsetGap::Kind::poll_skip: add(group.poll_skip, watch.found); break;
        case OffsetGap::Kind::committed_beyond_delivered:
          add(group.committed_beyond_delivered, watch.found);
          break;
        case OffsetGap::Kind::skipped: add(group.skipped, watch.found); break;
      }
    }
    history.partitions.push_back(std::move(partition.found));
  }
}

}  // namespace seatrial::ledger
