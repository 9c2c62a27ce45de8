// Whom a fault acts on, as written in a scenario: broker(2), leader(orders/0), follower(orders/0)
// or the second one, follower(orders/0, 2), followers(orders/0), controller, which is the active
// one, or the second of them in the order of their ids, controller(2); one, minority, majority,
// all; coordinator(group readers) or coordinator(transactional id payments-1); rack(east) of a
// cluster that has racks; member(2) of the workload whose members live in processes of their own,
// or member(readers/2); a set, [broker(1), leader(orders/0)]; a link, for faults of the network:
// leader(orders/0) -> followers(orders/0), which is what the left end sends to the right one, or
// <->, both ways; and cluster, which is no node, for faults that administer. Parsed here, resolved
// in run/.
//
// An end of a link is one or several of the above that are brokers one by one, or of clients,
// brokers, controllers, separated by commas; 2 alone is broker(2). One of the two ends names
// brokers and no such group.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace seatrial {

struct Target {
  enum class Kind {
    broker,
    leader,
    follower,
    followers,
    controller,
    one,
    minority,
    majority,
    all,
    member,
    coordinator,
    rack,
    set,
    link,
    clients,  // these three only at an end of a link
    brokers,
    controllers,
    cluster
  };
  Kind kind = Kind::one;
  NodeId node;           // of broker(n)
  TopicPartition where;  // of leader, follower, followers
  std::string workload;  // of member(workload/n); empty: the only one that has members
  int member = 0;        // of member(n), from 1
  int nth = 1;           // of follower(topic/partition, n), in the order of the replicas
  int controller = 0;    // of controller(n), from 1, in the order of ids; 0: the active one
  std::string name{};    // of rack; of coordinator: the group or the transactional id
  bool transactional = false;  // of coordinator: whether `name` is a transactional id
  std::vector<Target> of{};    // of a set: at least one, none of them a set; of a link: its ends
  bool both_ways = false;      // of a link
  friend bool operator==(const Target&, const Target&) = default;
};

// One of the three that stand for many, whoever they are.
[[nodiscard]] bool is_group(Target::Kind kind);
// Whether an end of a link has such a one.
[[nodiscard]] bool has_group(const Target& end);

Result<Target> parse_target(std::string_view text);
std::string to_string(const Target& target);

// Faults act on nodes, and a member is one with an id far above every broker's: of the workload at
// that place in the plan, counted from 0, the member of that number, counted from 1.
[[nodiscard]] NodeId member_node(std::size_t workload, int member);
[[nodiscard]] bool is_member(NodeId node);
[[nodiscard]] std::size_t workload_of_member(NodeId node);
[[nodiscard]] int number_of_member(NodeId node);
// How people call it: "node 3", "member 2".
[[nodiscard]] std::string node_text(NodeId node);

}  // namespace seatrial
