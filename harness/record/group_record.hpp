// A group of members as the record tells of it: what happened to each member, which partition had
// which owner, and how long it had none. Ownership is as the members themselves saw it; one that
// stands still or is dead owns nothing.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <utility>
#include <vector>

#include "core/time.hpp"
#include "workers/worker_log.hpp"

namespace seatrial::record {

// Steady-clock nanoseconds, half-open.
struct TimeSpan {
  std::int64_t from_ns = 0, to_ns = 0;
  friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};
struct OwnerSpan {
  int member = 0;  // from 1
  TimeSpan span;
  friend bool operator==(const OwnerSpan&, const OwnerSpan&) = default;
};
struct PartitionOwners {
  std::int32_t partition = 0;
  std::vector<OwnerSpan> owners;  // by time; they may overlap, as a member may learn late
  std::vector<TimeSpan> unowned;  // within the span asked for
  [[nodiscard]] nanoseconds longest_unowned() const;
};

// `logs`: of member 1, 2, ... For each partition below `partitions`, in order; from `within` on,
// until its end.
[[nodiscard]] std::vector<PartitionOwners> owners_of(
    std::span<const workers::WorkerLog* const> logs, std::int32_t partitions, TimeSpan within);

// How often a partition was taken from a member that lived and was not leaving, within that span:
// what a rebalance costs those who have nothing to do with its cause.
[[nodiscard]] std::uint64_t revoked(std::span<const workers::WorkerLog* const> logs,
                                    TimeSpan within);

// `group` of a workload in record.md. Times relative to `within.from_ns`, the start of measure.
[[nodiscard]] nlohmann::json describe_group(std::span<const workers::WorkerLog* const> logs,
                                            std::int32_t partitions, TimeSpan within);

// The same of a share group, whose partitions belong to nobody.
[[nodiscard]] nlohmann::json describe_share_group(std::span<const workers::WorkerLog* const> logs,
                                                  TimeSpan within);

}  // namespace seatrial::record
