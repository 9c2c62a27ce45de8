// Which rules there are and which connection each is about. The table is immutable and replaced as
// a whole: a pump takes the newest between two events and never waits for a lock while it moves
// bytes. What a rule did is counted in the rule itself, which outlives its place in the table.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/network.hpp"
#include "proxy/partitions.hpp"

namespace seatrial::proxy {

enum class Listener { client, replication, controller };

// Of a connection: the node that was dialled, by which listener, and who dialled.
struct Ends {
  NodeId node;
  Listener listener = Listener::client;
  std::optional<NodeId> peer;  // of nodes, once they have said who they are
};

// Which of a connection's streams a rule acts on.
struct Reach {
  bool requests = false, responses = false;
  friend bool operator==(const Reach&, const Reach&) = default;
};

using Roles = std::map<NodeId, NodeRole>;

Reach reach(const NetworkRule& rule, const Ends& ends, const Roles& roles);

// Lets as many bytes pass as the time since the start allows, and at most a hundredth of a second's
// worth at once. Thread-safe: connections of a node are moved by several threads.
class Bucket {
 public:
  explicit Bucket(std::uint64_t bytes_per_s) : rate_(bytes_per_s) {}
  struct Grant {
    std::size_t bytes = 0;
    Instant next{};  // when to ask again, if there were none
  };
  Grant grant(Instant at);
  void take(std::size_t bytes);

 private:
  const std::uint64_t rate_;
  std::mutex mutex_;
  Instant last_{};
  double tokens_ = 0;
};

// Whether a request is about the partitions that a rule chose.
enum class Fit { yes, no, unknown };

class ActiveRule {
 public:
  ActiveRule(Network::RuleId number, NetworkRule what, Instant at)
      : id(number), rule(std::move(what)), added(at), in(rule.bytes_per_s), out(rule.bytes_per_s) {}

  [[nodiscard]] bool by_topic() const { return rule.requests && !rule.requests->topic.empty(); }
  // Of a rule by topic. Null: nobody can tell what the request is about.
  [[nodiscard]] Fit fit(const Partitions* partitions) const;
  // Whether the rule could be about a request, or the response to it. `fits`: of a rule by topic.
  [[nodiscard]] bool concerns(std::int16_t api, std::string_view client, Fit fits) const;
  // Whether it is: which counts it as having come.
  bool picks(std::int16_t api, std::string_view client, Fit fits = Fit::yes);
  // What delays it in place of `by`: within the jitter, drawn by the seed.
  nanoseconds draw_delay();
  [[nodiscard]] RuleCounters counters() const {
    return {.connections = connections, .requests = requests, .bytes = bytes, .unread = unread};
  }

  const Network::RuleId id;
  const NetworkRule rule;
  const Instant added;
  Bucket in, out;  // of a limit, as the node sees them
  std::atomic<std::uint64_t> connections = 0, requests = 0, bytes = 0, unread = 0;

 private:
  std::atomic<std::uint64_t> came_ = 0, drawn_ = 0;
};

using Rules = std::vector<std::shared_ptr<ActiveRule>>;

// The table, and how often it was replaced. Thread-safe.
class RuleBook {
 public:
  struct Edition {
    std::uint64_t number = 0;
    std::shared_ptr<const Rules> rules = std::make_shared<const Rules>();
  };
  [[nodiscard]] std::uint64_t number() const { return number_.load(std::memory_order_acquire); }
  [[nodiscard]] Edition current() const;
  // The numbers of the new edition.
  std::uint64_t add(const std::shared_ptr<ActiveRule>& rule);
  std::uint64_t remove(Network::RuleId id);
  [[nodiscard]] std::optional<RuleCounters> counted(Network::RuleId id) const;

 private:
  std::uint64_t publish(Rules rules);  // under mutex_
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> number_ = 0;
  std::shared_ptr<const Rules> rules_ = std::make_shared<const Rules>();
  std::vector<std::shared_ptr<ActiveRule>> ever_;  // for their counters
};

}  // namespace seatrial::proxy
