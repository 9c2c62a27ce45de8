// How far replicas are behind their leaders, from the ends of their logs as each broker told them
// last. No clock, no threads, no sockets: the cluster watch feeds it.
#pragma once

#include <cstdint>
#include <map>

#include "core/ids.hpp"

namespace seatrial::kafka {

using Offsets = std::map<TopicPartition, std::int64_t>;

// Messages, added up over the watched partitions; the most seen at any one moment.
struct ReplicationLag {
  std::uint64_t unreplicated = 0;  // above the high watermark: at the leader only, or nearly
  std::map<NodeId, std::uint64_t> behind;  // of each broker that follows: below its leaders' ends
};

class Replication {
 public:
  // A broker told the log end of every partition that it has, and the high watermark of those that
  // it leads.
  void reported(NodeId from, Offsets ends, Offsets watermarks);
  // It did not answer: what it told before stays, as its log does; but it leads nothing now.
  void lost(NodeId broker);
  // The worst since the last call.
  [[nodiscard]] ReplicationLag take();

 private:
  void look();

  struct View {
    Offsets ends, watermarks;
  };
  std::map<NodeId, View> views_;
  ReplicationLag worst_;
};

}  // namespace seatrial::kafka
