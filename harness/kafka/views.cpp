// The rules of merging, one partition at a time.
#include "kafka/views.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace seatrial::kafka {

void Views::reported(NodeId from, const std::vector<PartitionState>& partitions,
                     std::vector<NodeId> registered, Instant at) {
  answering_.insert(from);
  std::ranges::sort(registered);
  registered_ = std::move(registered);
  for (const PartitionState& partition : partitions) adopt(from, partition, at);
}

void Views::unknown(NodeId from, const std::string& topic, Instant at) {
  const auto of_topic = [&](const auto& entry) { return entry.first.topic == topic; };
  std::erase_if(views_[from], of_topic);
  const bool told = std::ranges::any_of(answering_, [&](NodeId broker) {
    const auto view = views_.find(broker);
    return view != views_.end() && std::ranges::any_of(view->second, of_topic);
  });
  if (told) return;
  for (const auto& [where, state] : partitions_) {
    if (where.topic != topic) continue;
    changes_.push_back({at, state});
    changes_.back().state.leader = NodeId(-1);
    changes_.back().state.isr.clear();
  }
  std::erase_if(partitions_, of_topic);
}

bool Views::lost(NodeId broker) { return answering_.erase(broker) > 0; }

bool Views::turn_of(NodeId broker, std::uint64_t tick) const {
  const auto own = answering_.find(broker);
  if (own == answering_.end()) return true;
  const auto place = static_cast<std::uint64_t>(std::distance(answering_.begin(), own));
  return tick % answering_.size() == place;
}

void Views::adopt(NodeId from, const PartitionState& reported, Instant at) {
  PartitionState& own = views_[from][reported.where];
  const bool own_changed = own != reported;
  own = reported;
  const auto it = partitions_.find(reported.where);
  if (it != partitions_.end()) {
    const PartitionState& present = it->second;
    if (present == reported || reported.epoch < present.epoch) return;
    if (reported.epoch == present.epoch && !own_changed && !all_agree(reported)) return;
  }
  changes_.push_back({at, reported});
  partitions_[reported.where] = reported;
}

bool Views::all_agree(const PartitionState& reported) const {
  return std::ranges::all_of(answering_, [&](NodeId broker) {
    const auto view = views_.find(broker);
    if (view == views_.end()) return false;
    const auto it = view->second.find(reported.where);
    return it != view->second.end() && it->second == reported;
  });
}

NodeId Views::leader(const TopicPartition& where) const {
  const auto it = partitions_.find(where);
  return it == partitions_.end() ? NodeId(-1) : it->second.leader;
}

const PartitionState* Views::find(const TopicPartition& where) const {
  const auto it = partitions_.find(where);
  return it == partitions_.end() ? nullptr : &it->second;
}

ClusterState Views::state() const {
  ClusterState out{.partitions = {},
                   .answering = {answering_.begin(), answering_.end()},
                   .registered = registered_};
  out.partitions.reserve(partitions_.size());
  for (const auto& [where, state] : partitions_) out.partitions.push_back(state);
  return out;
}

std::vector<Change> Views::take_changes() { return std::exchange(changes_, {}); }

}  // namespace seatrial::kafka
