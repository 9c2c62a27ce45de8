// What the brokers say of themselves and of the partitions: plain values.
#pragma once

#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial::kafka {

struct PartitionState {
  TopicPartition where;
  NodeId leader{-1};         // -1: none
  std::int32_t epoch = -1;   // of the leader; -1: the broker is too old to tell
  std::vector<NodeId> isr;   // ascending
  std::vector<NodeId> replicas;
  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

struct ClusterState {
  std::vector<PartitionState> partitions;  // in order of `where`; only those told of so far
  std::vector<NodeId> answering;           // answered their last request in time; ascending
  std::vector<NodeId> registered;          // brokers that the newest answer lists; ascending
  NodeId controller{-1};                   // the active one; -1: unknown
};

// A partition's first state, and each one after.
struct Change {
  Instant at;
  PartitionState state;
};

}  // namespace seatrial::kafka
