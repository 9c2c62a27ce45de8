// Deliveries to history and gaps; what each of them means is in group.hpp.
#include "ledger/group.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "core/check.hpp"
#include "ledger/operation_log.hpp"

namespace seatrial::ledger {
namespace {

struct Partition {
  IntervalSet offsets;  // handed over, to whomever
  std::int64_t highest = -1;
  std::int64_t committed = -1;
  std::int64_t coordinator = -1;
  std::int64_t read_until = -1;
  nanoseconds longest_lag{0};
};

// A member's reading of one partition: the last offset under its present assignment.
struct Reading {
  std::uint32_t assignment = 0;
  std::int64_t last = -1;
};

}  // namespace

struct GroupLedger::Impl {
  mutable std::mutex mutex;
  GroupShape shape;
  std::size_t most_gaps = 0;
  std::unordered_map<std::uint32_t, IntervalSet> seen;  // by stream
  std::vector<Partition> partitions;
  std::map<std::pair<std::uint32_t, std::int32_t>, Reading> readings;  // by member and partition
  std::vector<OffsetGap> poll_gaps, commit_gaps;
  std::uint64_t gaps_dropped = 0;
  std::uint64_t distinct = 0;
  std::map<StreamId, std::vector<HandedOver>> handed_over;
  std::size_t handed_entries = 0;
  Sightings redelivered, nonmonotonic_poll;

  Partition& at(std::int32_t partition);
  void keep(std::vector<OffsetGap>& in, OffsetGap::Kind kind, std::int32_t partition,
            std::int64_t begin, std::int64_t end, std::int64_t at_ns = 0);
  void note_time(const Delivery& delivery);
  void order(const Delivery& delivery);
  void identify(Delivery& delivery, Partition& partition, bool offset_is_new);
  [[nodiscard]] Example example(const Delivery& delivery, std::string note) const;
};

// A topic may grow partitions; beyond those of the shape nothing has to be read to its end.
Partition& GroupLedger::Impl::at(std::int32_t partition) {
  check(partition >= 0, "a delivery of a partition below 0");
  const auto index = static_cast<std::size_t>(partition);
  if (index >= partitions.size()) partitions.resize(index + 1);
  return partitions[index];
}

void GroupLedger::Impl::keep(std::vector<OffsetGap>& in, OffsetGap::Kind kind,
                             std::int32_t partition, std::int64_t begin, std::int64_t end,
                             std::int64_t at_ns) {
  if (in.size() >= most_gaps) {
    ++gaps_dropped;
    return;
  }
  in.push_back({kind, {shape.topic, partition}, begin, end, at_ns});
}

Example GroupLedger::Impl::example(const Delivery& delivery, std::string note) const {
  return {delivery.stream,
          delivery.seq,
          {shape.topic, delivery.partition},
          delivery.offset,
          std::move(note)};
}

// Within one assignment offsets ascend by one, save where the log itself has gaps.
void GroupLedger::Impl::order(const Delivery& delivery) {
  const auto [at, added] = readings.try_emplace({delivery.member, delivery.partition});
  Reading& reading = at->second;
  if (added || reading.assignment != delivery.assignment) {
    reading = {delivery.assignment, delivery.offset};
    return;
  }
  if (delivery.offset <= reading.last) {
    nonmonotonic_poll.add(
        example(delivery, "handed over after offset " + std::to_string(reading.last)));
  } else if (delivery.offset > reading.last + 1) {
    keep(poll_gaps, OffsetGap::Kind::poll_skip, delivery.partition, reading.last + 1,
         delivery.offset, delivery.delivered_ns);
  }
  reading.last = delivery.offset;
}

// Messages that follow each other and came at one time are one entry.
void GroupLedger::Impl::note_time(const Delivery& delivery) {
  auto& entries = handed_over[delivery.stream];
  const std::uint64_t seq = delivery.seq.value;
  const Instant at = from_ns(delivery.delivered_ns);
  if (!entries.empty() && entries.back().end == seq && entries.back().at == at) {
    ++entries.back().end;
  } else if (handed_entries < most_handed_over) {
    ++handed_entries;
    entries.push_back({seq, seq + 1, at});
  }
}

void GroupLedger::Impl::identify(Delivery& delivery, Partition& partition, bool offset_is_new) {
  delivery.first = seen[delivery.stream.value].insert(delivery.seq.value);
  if (!delivery.first) {
    redelivered.add(example(delivery, offset_is_new ? "was handed over from another offset before"
                                                    : "was handed over from this offset before"));
    return;
  }
  ++distinct;
  if (shape.read_committed) note_time(delivery);
  partition.longest_lag =
      std::max(partition.longest_lag, nanoseconds(delivery.delivered_ns - delivery.intended_ns));
}

GroupLedger::GroupLedger(GroupShape shape, std::size_t most_gaps)
    : impl_(std::make_unique<Impl>()) {
  impl_->shape = std::move(shape);
  impl_->most_gaps = most_gaps;
  impl_->partitions.resize(static_cast<std::size_t>(impl_->shape.partitions));
}

GroupLedger::~GroupLedger() = default;

void GroupLedger::observe(std::span<Delivery> batch) {
  if (impl_->shape.operations != nullptr)
    impl_->shape.operations->polled(impl_->shape.workload, batch);
  const std::scoped_lock lock(impl_->mutex);
  for (Delivery& delivery : batch) {
    check(delivery.offset >= 0, "a delivery without an offset");
    Partition& partition = impl_->at(delivery.partition);
    if (!impl_->shape.share) impl_->order(delivery);
    const bool is_new = partition.offsets.insert(static_cast<std::uint64_t>(delivery.offset));
    partition.highest = std::max(partition.highest, delivery.offset);
    if (delivery.identified) impl_->identify(delivery, partition, is_new);
  }
}

void GroupLedger::committed(std::int32_t partition, std::int64_t offset) {
  check(!impl_->shape.share, "a share group commits no offsets");
  const std::scoped_lock lock(impl_->mutex);
  Partition& of = impl_->at(partition);
  const std::int64_t due = of.highest + 1;
  if (offset > due && (of.highest >= 0 || impl_->shape.from_start)) {
    impl_->keep(impl_->commit_gaps, OffsetGap::Kind::committed_beyond_delivered, partition, due,
                offset);
  }
  of.committed = std::max(of.committed, offset);
}

void GroupLedger::read_until(std::int32_t partition, std::int64_t offset) {
  const std::scoped_lock lock(impl_->mutex);
  Partition& of = impl_->at(partition);
  of.read_until = std::max(of.read_until, offset);
}

void GroupLedger::coordinator_holds(std::int32_t partition, std::int64_t offset) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->at(partition).coordinator = offset;
}

std::int32_t GroupLedger::partitions() const { return impl_->shape.partitions; }

std::uint64_t GroupLedger::distinct() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->distinct;
}

std::uint64_t GroupLedger::redelivered() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->redelivered.count;
}

GroupHistory GroupLedger::history() const {
  const std::scoped_lock lock(impl_->mutex);
  const GroupShape& shape = impl_->shape;
  GroupHistory out;
  out.workload = shape.workload;
  out.group = shape.group;
  out.topic = shape.topic;
  out.read_committed = shape.read_committed;
  out.from_start = shape.from_start;
  out.at_most_once = shape.at_most_once;
  out.handed_over = impl_->handed_over;
  out.share = shape.share;
  out.redelivered = impl_->redelivered;
  out.nonmonotonic_poll = impl_->nonmonotonic_poll;
  out.gaps_dropped = impl_->gaps_dropped;
  for (const auto& [stream, seqs] : impl_->seen) out.delivered.emplace(StreamId{stream}, seqs);
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(impl_->partitions.size()); ++p) {
    const Partition& of = impl_->partitions[static_cast<std::size_t>(p)];
    const TopicPartition where{shape.topic, p};
    if (of.highest >= 0) out.longest_lag[where] = of.longest_lag;
    const std::int64_t committed = of.coordinator >= 0 ? of.coordinator : of.committed;
    if (committed >= 0) out.committed_offsets[where] = committed;
    if (of.read_until < 0) continue;
    out.read_until[where] = shape.share ? std::max(of.read_until, of.highest + 1) : of.read_until;
  }
  return out;
}

std::vector<OffsetGap> GroupLedger::gaps() const {
  const std::scoped_lock lock(impl_->mutex);
  std::vector<OffsetGap> out = impl_->poll_gaps;
  out.insert(out.end(), impl_->commit_gaps.begin(), impl_->commit_gaps.end());
  for (std::size_t p = 0; p < impl_->partitions.size(); ++p) {
    const Partition& of = impl_->partitions[p];
    const std::int64_t committed = of.coordinator >= 0 ? of.coordinator : of.committed;
    const auto& handed = of.offsets.intervals();
    if (committed <= 0 || (handed.empty() && !impl_->shape.from_start)) continue;
    IntervalSet covered;
    covered.insert(impl_->shape.from_start ? 0 : handed.front().begin,
                   static_cast<std::uint64_t>(committed));
    const TopicPartition where{impl_->shape.topic, static_cast<std::int32_t>(p)};
    const IntervalSet missing = covered.minus(of.offsets);
    for (const auto& gap : missing.intervals()) {
      out.push_back({OffsetGap::Kind::skipped, where, static_cast<std::int64_t>(gap.begin),
                     static_cast<std::int64_t>(gap.end), 0});
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace seatrial::ledger
