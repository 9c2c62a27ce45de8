// By the log's extents as they were seen while the group read.
#include "workloads/skipped_readable.hpp"

#include <algorithm>

#include "core/interval_set.hpp"

namespace seatrial::workloads {

std::optional<std::uint64_t> skipped_readable(const History& history, const std::string& topic,
                                              const std::vector<ledger::OffsetGap>& gaps) {
  const bool markers = std::ranges::any_of(history.partitions, [&](const PartitionHistory& p) {
    return p.where.topic == topic && p.control_batches > 0;
  });
  if (markers || history.contract.compacts(topic)) return std::nullopt;
  std::uint64_t count = 0;
  bool looked = false;
  for (const RetentionHistory& log : history.retention) {
    if (log.where.topic != topic) continue;
    looked = looked || !log.extents.empty();
    IntervalSet readable;
    for (const ledger::OffsetGap& gap : gaps) {
      if (gap.kind != ledger::OffsetGap::Kind::poll_skip || gap.where != log.where) continue;
      const auto look =
          std::ranges::lower_bound(log.extents, from_ns(gap.at_ns), {}, &LogExtent::asked);
      if (look == log.extents.end()) continue;
      const std::int64_t from = std::max(gap.begin, look->log_start);
      if (from >= gap.end) continue;
      readable.insert(static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(gap.end));
    }
    count += readable.count();
  }
  return looked ? std::optional(count) : std::nullopt;
}

}  // namespace seatrial::workloads
