// What each broker told last, merged into one state of the partitions. Brokers learn of changes at
// different times, and one that comes back from a pause repeats what it knew before.
//
// The newest told wins: a higher leader epoch; at equal epochs, a change in one broker's own view,
// or what all answering brokers agree on. A lower epoch never does. Where brokers are too old to
// tell epochs, all are equal. No clock, no threads, no sockets: the cluster watch feeds it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "kafka/cluster_state.hpp"

namespace seatrial::kafka {

class Views {
 public:
  // A broker answered: what it tells of the partitions, and which brokers it knows.
  void reported(NodeId from, const std::vector<PartitionState>& partitions,
                std::vector<NodeId> registered, Instant at);
  // A broker answered that it knows no such topic. Once no broker that answers tells of it, its
  // partitions are gone; what is told of them later is of another topic of that name, whose epochs
  // begin anew.
  void unknown(NodeId from, const std::string& topic, Instant at);
  // A broker did not answer in time; whether it did before.
  bool lost(NodeId broker);

  // Whether a broker is to be asked at this tick: those that answer take turns, in order of their
  // ids; one that does not is asked at each.
  [[nodiscard]] bool turn_of(NodeId broker, std::uint64_t tick) const;

  [[nodiscard]] ClusterState state() const;  // without the controller
  [[nodiscard]] const PartitionState* find(const TopicPartition& where) const;  // null: not told of
  [[nodiscard]] bool answering(NodeId broker) const { return answering_.contains(broker); }
  [[nodiscard]] bool anyone_answering() const { return !answering_.empty(); }
  [[nodiscard]] NodeId leader(const TopicPartition& where) const;  // -1: none, or not told of
  [[nodiscard]] std::vector<Change> take_changes();

 private:
  void adopt(NodeId from, const PartitionState& reported, Instant at);
  [[nodiscard]] bool all_agree(const PartitionState& reported) const;

  std::map<NodeId, std::map<TopicPartition, PartitionState>> views_;  // what each said last
  std::map<TopicPartition, PartitionState> partitions_;
  std::set<NodeId> answering_;
  std::vector<NodeId> registered_;
  std::vector<Change> changes_;
};

}  // namespace seatrial::kafka
