// One pass over the changes.
#include "run/out_of_sync.hpp"

#include <algorithm>

namespace seatrial::run {

std::map<TopicPartition, nanoseconds> longest_out_of_sync(
    const std::vector<kafka::Change>& changes, Instant complete) {
  std::map<TopicPartition, nanoseconds> longest;
  std::map<TopicPartition, Instant> since;  // of those that lack a replica now
  const auto close = [&](const TopicPartition& where, Instant begun, Instant ended) {
    auto& longest_here = longest[where];
    longest_here = std::max(longest_here, ended - begun);
  };
  for (const kafka::Change& change : changes) {
    const kafka::PartitionState& now = change.state;
    const auto open = since.find(now.where);
    if (now.isr.size() < now.replicas.size()) {
      since.try_emplace(now.where, change.at);
    } else if (open != since.end()) {
      close(now.where, open->second, change.at);
      since.erase(open);
    }
  }
  for (const auto& [where, begun] : since) close(where, begun, std::max(begun, complete));
  return longest;
}

}  // namespace seatrial::run
