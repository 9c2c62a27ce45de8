// What passes between a cluster's nodes and everybody who talks to them, where the cluster kind
// lets it be seen and held up: the counterpart of Processes for faults of the network.
//
// A fault adds a rule and removes it again; what the rule did is read back from its counters, never
// assumed. Thread-safe. Calls throw InfrastructureError if they could not be carried out, and
// return once all that passes from then on is subject to the change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/topic_id.hpp"

namespace seatrial {

enum class Way { in, out, both };  // as the node of the rule sees it

// Whom a node talks to, whoever dialled.
struct Peers {
  bool clients = false;
  bool brokers = false;
  bool controllers = false;
  std::vector<NodeId> nodes;  // these besides
  friend bool operator==(const Peers&, const Peers&) = default;
};

// Which requests a rule is about; each given part must hold. With Way::out it is about the
// responses to them.
struct RequestMatch {
  std::optional<std::int16_t> api;  // Kafka's key
  std::string client;               // what the client id begins with
  // One of the partitions that it is about is of this topic, or is this one: of Produce, Fetch and
  // ListOffsets alone. Where a request names topics by their ids, `topic_id` is compared.
  std::string topic{};
  std::optional<std::int32_t> partition{};
  std::optional<TopicId> topic_id{};
  std::uint64_t every = 1;          // of what matches so far, each n-th
  double probability = 1;           // and of these so many, drawn by the seed
  std::uint64_t seed = 0;
  friend bool operator==(const RequestMatch&, const RequestMatch&) = default;
};

struct NetworkRule {
  enum class Effect {
    // Of connections.
    stall,      // nothing passes, and nothing is lost: it passes when the rule goes
    delay,      // what passes is `by` late, more or less by up to `jitter`, in order
    limit,      // at most `bytes_per_s` in each way, all connections together
    discard,    // what comes is taken and dropped; reset when the rule goes
    reset,      // connections that are there, and those that are made meanwhile
    half_open,  // the node's end is closed, and the peer's is not told; reset when the rule goes
    // Of requests, or of the responses to them; never of what is encrypted.
    drop,       // not passed on
    hold,       // passed on `by` later, as is what follows on that connection
    duplicate,  // requests only: passed on twice; the second response is dropped
    answer,     // requests only: answered with `error` and not passed on
    reorder,    // requests only: passed on behind the next one that the rule could be about, or
                // as it was when none comes within `by`; responses keep the client's order
  };
  NodeId node;
  Peers peers;
  Way way = Way::both;
  Effect effect = Effect::stall;
  std::optional<RequestMatch> requests = std::nullopt;  // of the effects on requests
  nanoseconds by{0}, jitter{0};
  std::uint64_t bytes_per_s = 0;
  std::int16_t error = 0;
  std::uint64_t seed = 0;  // of the jitter
  friend bool operator==(const NetworkRule&, const NetworkRule&) = default;
};

// What a rule did so far. Only ever rises.
struct RuleCounters {
  std::uint64_t connections = 0;  // that it acted on
  std::uint64_t requests = 0;     // or responses
  std::uint64_t bytes = 0;        // that were held, late, limited or dropped
  std::uint64_t unread = 0;       // requests of whose partitions nobody could tell
  friend bool operator==(const RuleCounters&, const RuleCounters&) = default;
};

// What passed one of a node's listeners since the cluster is up. Only ever rises.
struct ApiCounters {
  std::int16_t api = 0;
  std::uint64_t requests = 0, responses = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;  // of whole frames, as the node sees them
  friend bool operator==(const ApiCounters&, const ApiCounters&) = default;
};
struct LinkCounters {
  NodeId node;
  std::string listener;  // client, replication, controller
  std::uint64_t connections = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;  // as the node sees them
  std::uint64_t unmatched = 0;                // responses that answer no request: a defect of ours
  std::vector<ApiCounters> apis;              // by key, those that occurred
};

class Network {
 public:
  virtual ~Network() = default;
  using RuleId = std::uint64_t;
  [[nodiscard]] virtual RuleId add(const NetworkRule& rule) = 0;
  // Idempotent.
  virtual void remove(RuleId rule) = 0;
  // Also of a rule that was removed.
  [[nodiscard]] virtual RuleCounters counted(RuleId rule) const = 0;
  [[nodiscard]] virtual std::vector<LinkCounters> counters() const = 0;
  // Connections to the nodes at this moment, of others than the harness itself, that no rule can
  // reach. Of a trial in which there are some, nothing is known.
  [[nodiscard]] virtual std::vector<std::string> bypassing() const = 0;
};

}  // namespace seatrial
