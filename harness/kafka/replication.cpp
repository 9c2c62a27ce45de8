// Ends against ends. Brokers are asked one after the other, so that under load a follower may seem
// ahead of its leader (it is not behind then), or behind by what came within some milliseconds.
#include "kafka/replication.hpp"

#include <algorithm>
#include <utility>

namespace seatrial::kafka {
namespace {

std::uint64_t above(std::int64_t end, std::int64_t base) {
  return end > base ? static_cast<std::uint64_t>(end - base) : 0;
}

}  // namespace

void Replication::reported(NodeId from, Offsets ends, Offsets watermarks) {
  views_[from] = {.ends = std::move(ends), .watermarks = std::move(watermarks)};
  look();
}

void Replication::lost(NodeId broker) {
  const auto view = views_.find(broker);
  if (view != views_.end()) view->second.watermarks.clear();
}

void Replication::look() {
  std::uint64_t unreplicated = 0;
  std::map<NodeId, std::uint64_t> behind;
  for (const auto& [leader, view] : views_) {
    for (const auto& [where, watermark] : view.watermarks) {
      const auto end = view.ends.find(where);
      if (end == view.ends.end()) continue;
      unreplicated += above(end->second, watermark);
      for (const auto& [follower, other] : views_) {
        const auto own = other.ends.find(where);
        if (follower == leader || own == other.ends.end()) continue;
        behind[follower] += above(end->second, own->second);
      }
    }
  }
  worst_.unreplicated = std::max(worst_.unreplicated, unreplicated);
  for (const auto& [node, messages] : behind) {
    worst_.behind[node] = std::max(worst_.behind[node], messages);
  }
}

ReplicationLag Replication::take() { return std::exchange(worst_, {}); }

}  // namespace seatrial::kafka
