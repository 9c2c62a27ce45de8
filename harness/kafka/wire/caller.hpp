// One request at a time to the brokers of a cluster, each named by its id: for clients to which an
// answer matters more than the rate. Connections are kept; leaders and a transaction's coordinator
// are asked for and remembered until they are forgotten.
//
//     if (caller.send(to, call, body))               // has left; else nothing has
//       while (caller.hear(until, answer) == Heard::nothing) ...
//
// A request that is not answered within `answer` is given up together with its connection; the next
// one makes a new connection. Whoever sent it cannot know then what became of it.
//
// What connects, and what asks about the cluster, waits, but for `connect_limit` at most. Nothing
// else waits beyond its deadline. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "kafka/wire/connection.hpp"

namespace seatrial::kafka::wire {

struct CallerTerms {
  std::string bootstrap;  // host:port, several separated by commas
  SecurityPtr security;   // of all connections; null: plaintext
  std::string topic;      // whose leaders are asked for
  int partitions = 1;
  nanoseconds answer{seconds(60)};
};

class Caller {
 public:
  static constexpr auto connect_limit = seconds(2);

  explicit Caller(CallerTerms terms);

  // As far as is known.
  [[nodiscard]] std::optional<NodeId> leader(std::int32_t partition) const;
  [[nodiscard]] std::optional<NodeId> coordinator() const { return coordinator_; }
  // Asks one broker, the next one each time; whether it knew. All leaders known before stay known
  // where it told of older epochs only.
  bool learn_leaders();
  bool find_coordinator(const std::string& transactional_id);
  void forget_leader(std::int32_t partition);
  void forget_leaders_at(NodeId broker);
  void forget_coordinator() { coordinator_.reset(); }

  // Which version both sides speak. `name` is for the error.
  struct Call {
    Api api{};
    VersionRange versions;
    const char* name = "";
  };
  // Connects to it, unless that is so already; false: not within the limit.
  bool reach(NodeId broker);
  // Requires that it was reached. The error: it speaks none of these versions.
  Result<std::int16_t> version_at(NodeId broker, const Call& call) const;
  // A flexible request; requires that none is outstanding. False: nothing, or not all of it, left.
  bool send(NodeId broker, const Call& call, BytesView body);
  enum class Heard { nothing, answered, lost, late };  // late: given up after `answer`
  Heard hear(Instant until, Bytes& body);
  [[nodiscard]] bool outstanding() const { return asked_.has_value(); }
  // Gives up what is outstanding, with its connection.
  void hang_up();

  // Of the last failure, with the broker's address.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Broker {
    std::string address;
    std::optional<Connection> connection;
  };
  struct Lead {
    std::optional<NodeId> by;
    std::int32_t epoch = -1;
  };

  Result<Connection> any_broker(Instant deadline);
  void learn(const Metadata& metadata);
  bool failed(const std::string& why);

  CallerTerms terms_;
  std::vector<std::string> addresses_;  // to ask, the bootstrap first
  std::size_t next_address_ = 0;
  std::map<NodeId, Broker> brokers_;
  std::vector<Lead> leads_;  // by partition
  std::optional<NodeId> coordinator_;
  struct Asked {
    NodeId broker;
    Instant deadline;
  };
  std::optional<Asked> asked_;
  std::string trouble_ = "no answer yet";
};

}  // namespace seatrial::kafka::wire
