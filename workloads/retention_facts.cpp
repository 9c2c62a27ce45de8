// What the log no longer holds of what was acked: retention took it, or on compacted topics the
// cleaner did.
#include <algorithm>
#include <set>

#include "client/fact.hpp"

namespace seatrial::workloads {
namespace {

using Count = std::optional<std::uint64_t>;

template <class Visit>
void each_stream(const FactSource& source, const Visit& visit) {
  for (const StreamHistory& stream : source.history.streams) {
    if (stream.workload == source.workload) visit(stream);
  }
}

Count expired(const FactSource& source) {
  if (!source.traits.produces) return std::nullopt;
  std::uint64_t count = 0;
  each_stream(source, [&](const StreamHistory& stream) { count += stream.expired.count(); });
  return count;
}

// Of its partitions whose topics the cleaner compacts; nothing if there are none.
std::set<TopicPartition> compacted_partitions(const FactSource& source) {
  std::set<TopicPartition> out;
  each_stream(source, [&](const StreamHistory& stream) {
    if (source.history.contract.compacts(stream.where.topic)) out.insert(stream.where);
  });
  return out;
}

Count compacted_away(const FactSource& source) {
  const auto compacted = compacted_partitions(source);
  if (compacted.empty()) return std::nullopt;
  std::uint64_t absent = 0, tombstones = 0;  // the latter in the log, and without an identity
  each_stream(source, [&](const StreamHistory& stream) {
    if (compacted.contains(stream.where)) absent += stream.acked.minus(stream.present).count();
  });
  for (const PartitionHistory& partition : source.history.partitions) {
    if (compacted.contains(partition.where)) tombstones += partition.tombstones;
  }
  return absent - std::min(absent, tombstones);
}

// Deleted for good, as far as the log tells: the tombstone is gone, too.
Count tombstones_gone(const FactSource& source) {
  if (compacted_partitions(source).empty()) return std::nullopt;
  std::uint64_t count = 0;
  for (const KeyedHistory& keyed : source.history.keyed) {
    if (keyed.workload != source.workload || !keyed.read) continue;
    for (std::size_t i = 0; i < keyed.acked.size(); ++i) {
      const bool gone = is_tombstone(keyed.acked[i]) && keyed.found[i] == 0;
      count += gone && !keyed.doubtful.contains(i) ? 1U : 0U;
    }
  }
  return count;
}

constexpr char expired_header[] = "expired";

using enum MetricSide;
const Registration<Fact> registrations[] = {
    fact<produced, expired, expired_header, Need::retention>("expired",
                                                             "acked, and deleted by retention"),
    fact<produced, compacted_away, no_column, Need::compaction>(
        "compacted_away", "acked on a compacted topic, and removed from the log"),
    fact<produced, tombstones_gone, no_column, Need::keys>(
        "tombstones_gone", "keys whose deletion was acked, and the log forgot"),
};

}  // namespace
}  // namespace seatrial::workloads
