// Changes the shape of a running cluster: who leads, who has replicas, how topics are configured
// and how many partitions they have. Each change is asked of any broker (any_broker.hpp), save one
// of a broker's own configuration, which only that broker takes. That it was taken is not that it
// has happened: read it back. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/any_broker.hpp"
#include "kafka/cluster_state.hpp"
#include "kafka/wire/administration.hpp"

namespace seatrial::kafka {

class Reshape {
 public:
  // Of nodes that serve no clients nobody is asked.
  explicit Reshape(const std::vector<Node>& nodes);

  // The error is Kafka's name of it with the broker's words, or why nobody answered.
  Result<bool> elect(wire::Election kind, const TopicPartition& where, Instant deadline);
  Result<bool> reassign(const TopicPartition& where, const std::vector<NodeId>& replicas,
                        Instant deadline);
  // Of a reassignment under way: what it has added goes again. False: there is none.
  Result<bool> cancel(const TopicPartition& where, Instant deadline);
  // Of a broker, `name` is its id.
  Result<bool> configure(wire::Configured what, const std::string& name,
                         const wire::ConfigChanges& changes, Instant deadline);
  Result<bool> grow(const std::string& topic, int partitions, Instant deadline);

  // As a broker tells it now; replicas in the order of preference. `topic` must exist.
  Result<std::vector<PartitionState>> partitions(const std::string& topic, Instant deadline);
  Result<PartitionState> partition(const TopicPartition& where, Instant deadline);
  // Whether any broker that answers tells of that topic; an error if none answers.
  Result<bool> is_known(const std::string& topic, Instant deadline);
  [[nodiscard]] const std::vector<NodeId>& brokers() const { return brokers_; }

 private:
  using Request = AnyBroker::Request;
  Result<wire::Bytes> ask(const Request& request, const wire::Bytes& body, Instant deadline) const;
  Result<wire::Answer> ask_for(const std::optional<std::vector<NodeId>>& replicas,
                               const TopicPartition& where, Instant deadline) const;

  AnyBroker any_;
  std::map<std::string, AnyBroker> each_;  // of these, by its id as its configuration is named
  std::vector<NodeId> brokers_;
};

}  // namespace seatrial::kafka
