// Who leads what, as the brokers themselves tell it, ten times a second. Each broker has a thread
// with a kept connection and a short deadline of its own, so that a hung one never delays the view
// of the others; one more asks for the active controller.
//
// Brokers learn of changes at different times. The state kept here is the newest told: a higher
// leader epoch wins; at equal epochs, a change in one broker's own view, or what all answering
// brokers agree on. A broker that comes back from a pause and repeats what it knew before therefore
// changes nothing.
//
// Speaks plaintext only. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
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

class ClusterWatch {
 public:
  using Predicate = std::function<bool(const ClusterState&)>;

  // Watches from now on. Pure controllers among the nodes are not asked: they answer no clients.
  ClusterWatch(std::vector<Node> nodes, std::vector<std::string> topics,
               milliseconds period = milliseconds(100));
  ~ClusterWatch();
  ClusterWatch(const ClusterWatch&) = delete;
  ClusterWatch& operator=(const ClusterWatch&) = delete;

  [[nodiscard]] ClusterState state() const;
  // What changed since the last call, in order.
  [[nodiscard]] std::vector<Change> drain_changes();
  // Until the state satisfies `holds`, the deadline passes or stop is requested; whether it held.
  [[nodiscard]] bool wait_until(const Predicate& holds, Instant deadline,
                                const std::stop_token& stop) const;

  // Asked of the partition's present leader over a connection of its own.
  Result<std::int64_t> log_start(const TopicPartition& where, Instant deadline) const;
  Result<std::int64_t> high_watermark(const TopicPartition& where, Instant deadline) const;
  Result<std::int64_t> log_end(const TopicPartition& where, Instant deadline) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::kafka
