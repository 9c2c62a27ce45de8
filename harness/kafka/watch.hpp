// Who leads what, ten times a second, and how far each replicated log goes, twice a second, as the
// brokers themselves tell it. Each broker has a thread with a kept connection and a short deadline
// of its own, so that a hung one never delays the view of the others; one more asks for the active
// controller.
//
// The brokers that answer are asked in turn, which costs each of them the less the more there are;
// one that does not answer loses its turns to the others and is asked at every tick. So a change
// is seen within about a tenth of a second, two where the broker asked hangs just then; a broker's
// death at the next tick, by its closed connection; and that one hangs after its next turn and the
// deadline.
//
// The state is the newest that any of them told (views.hpp has the rules); a broker that comes back
// from a pause and repeats what it knew before changes nothing. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/cluster_state.hpp"
#include "kafka/replication.hpp"
#include "kafka/wire/security.hpp"

namespace seatrial::kafka {

class ClusterWatch {
 public:
  using Predicate = std::function<bool(const ClusterState&)>;

  // Watches from now on. Pure controllers among the nodes are not asked: they answer no clients.
  ClusterWatch(std::vector<Node> nodes, std::vector<std::string> topics,
               milliseconds period = milliseconds(100), wire::SecurityPtr security = nullptr);
  ~ClusterWatch();
  ClusterWatch(const ClusterWatch&) = delete;
  ClusterWatch& operator=(const ClusterWatch&) = delete;

  [[nodiscard]] ClusterState state() const;
  // Of one partition; nothing: no broker has told of it. Cheap enough to ask every millisecond.
  [[nodiscard]] std::optional<PartitionState> partition(const TopicPartition& where) const;
  // What changed since the last call, in order.
  [[nodiscard]] std::vector<Change> drain_changes();
  // The most that replicas were behind since the last call.
  [[nodiscard]] ReplicationLag take_lag();
  // Until the state satisfies `holds`, the deadline passes or stop is requested; whether it held.
  [[nodiscard]] bool wait_until(const Predicate& holds, Instant deadline,
                                const std::stop_token& stop) const;

  // Asked of the partition's present leader over a connection of its own.
  Result<std::int64_t> log_start(const TopicPartition& where, Instant deadline) const;
  Result<std::int64_t> last_stable_offset(const TopicPartition& where, Instant deadline) const;
  Result<std::int64_t> high_watermark(const TopicPartition& where, Instant deadline) const;
  Result<std::int64_t> log_end(const TopicPartition& where, Instant deadline) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::kafka
