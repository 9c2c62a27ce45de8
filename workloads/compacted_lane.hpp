// One lane of the `compacted` workload: overwrites and deletes keys that no other lane writes, each
// time with the next version, and remembers the highest version of each key that was acked: 8 bytes
// a key, whatever the number of messages.
//
// Messages are in the ledger as any producer's, tombstones too, although a tombstone carries no
// identity into the log. It does not wait for compaction: segments roll and are cleaned while it
// goes on writing, and the last one, which is never cleaned, holds the newest versions anyway.
#pragma once

#include "client/workload.hpp"
#include "core/units.hpp"
#include "measure/pacer.hpp"
#include "workloads/shapes/size.hpp"

namespace seatrial::workloads {

struct CompactedSettings {
  Rate rate;               // over all lanes
  measure::Arrivals arrivals;
  std::uint64_t keys = 0;  // over all lanes: lane i of n owns i, i + n, ...
  double tombstones = 0;   // share of messages that delete
  SizeShape size;
  double entropy = 1;
};

// Throws InfrastructureError if no client can be made of the lane's properties.
LaneReport run_compacted_lane(const CompactedSettings& settings, LaneContext& lane,
                              const std::function<void()>& ready, const std::stop_token& stop);

}  // namespace seatrial::workloads
