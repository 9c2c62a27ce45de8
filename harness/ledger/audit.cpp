// The comparison of what was read with what was told; what each finding means is in audit.hpp.
#include "ledger/audit.hpp"

#include <map>
#include <utility>

#include "core/check.hpp"
#include "ledger/identity.hpp"

namespace seatrial::ledger {
namespace {

// Undoing damage costs one CRC per stream of the partition: a log full of foreign messages must not
// make the audit quadratic.
constexpr std::uint64_t repairs_per_partition = 1000;

struct Partition {
  PartitionHistory found;
  std::int64_t next_offset = 0;
  bool spoilt = false;               // incomplete, whatever is said later
  std::vector<std::uint32_t> streams;  // whose messages belong here
};

struct Stream {
  StreamHistory history;
  Partition* home = nullptr;  // null: its partition is not part of the audit
  IntervalSet damaged;        // sequences that were found, but only corrupt
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

}  // namespace

struct Audit::Impl {
  std::uint32_t tag = 0;
  std::vector<Stream> streams;  // by StreamId
  std::map<TopicPartition, Partition> partitions;
  Partition* last = nullptr;    // messages come in long runs of one partition
  std::uint64_t messages_read = 0;

  Partition& find(const TopicPartition& where) {
    if (last != nullptr && last->found.where == where) return *last;
    const auto at = partitions.find(where);
    check(at != partitions.end(), "the audit was given a partition that it does not expect");
    last = &at->second;
    return *last;
  }
  bool in_span(Partition& partition, std::int64_t offset);
  const char* why_phantom(const Identity& identity, const Partition& partition) const;
  void good(Partition& partition, const Identity& identity, std::int64_t offset);
  void corrupt(Partition& partition, Identity identity, std::int64_t offset,
               std::span<const std::byte> value);
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

void Audit::Impl::good(Partition& partition, const Identity& identity, std::int64_t offset) {
  if (const char* why = why_phantom(identity, partition)) {
    return sight(partition.found.phantom, identity, partition, offset, why);
  }
  Stream& stream = streams[identity.stream.value];
  const std::uint64_t next = stream.next();
  if (!stream.history.present.insert(identity.seq.value)) {
    sight(partition.found.duplicate, identity, partition, offset,
          "was at a lower offset of this log already");
  } else if (identity.seq.value < next) {
    sight(partition.found.reordered, identity, partition, offset,
          "stands behind a message of its stream that was sent later");
  }
}

void Audit::Impl::corrupt(Partition& partition, Identity identity, std::int64_t offset,
                          std::span<const std::byte> value) {
  const char* note = "its identity cannot be read";
  if (partition.found.corrupt.count < repairs_per_partition && repair(partition, value, identity)) {
    note = "its identity was damaged; stream and sequence are those that make its checksum hold";
    streams[identity.stream.value].damaged.insert(identity.seq.value);
  } else if (why_phantom(identity, partition) == nullptr) {
    note = "its checksum differs; stream and sequence are as read";
    streams[identity.stream.value].damaged.insert(identity.seq.value);
  }
  sight(partition.found.corrupt, identity, partition, offset, note);
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

Audit::Audit(std::uint32_t trial_tag, std::vector<StreamHistory> streams)
    : impl_(std::make_unique<Impl>()) {
  impl_->tag = trial_tag;
  impl_->streams.reserve(streams.size());
  for (StreamHistory& history : streams) {
    check(history.stream.value == impl_->streams.size(), "streams are not dense and in order");
    impl_->streams.push_back({std::move(history), nullptr, {}});
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

void Audit::observe(const TopicPartition& where, std::int64_t offset,
                    std::span<const std::byte> value) {
  Partition& partition = impl_->find(where);
  if (!impl_->in_span(partition, offset)) return;
  ++impl_->messages_read;
  ++partition.found.messages_read;
  Identity identity;
  if (read(value, identity) == Reading::good) {
    impl_->good(partition, identity, offset);
  } else {
    impl_->corrupt(partition, identity, offset, value);
  }
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

std::uint64_t Audit::messages_read() const { return impl_->messages_read; }

void Audit::finish(History& history) {
  for (Stream& stream : impl_->streams) {
    // Only now, since a good copy may follow a damaged one, and is no duplicate.
    for (const auto& i : stream.damaged.intervals()) stream.history.present.insert(i.begin, i.end);
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
    history.partitions.push_back(std::move(partition.found));
  }
}

}  // namespace seatrial::ledger
