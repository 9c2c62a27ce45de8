// Whom a fault acts on, as written in a scenario: broker(2), leader(orders/0), follower(orders/0),
// followers(orders/0), controller, one, minority, majority, all. Parsed here, resolved in run/.
#pragma once

#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/result.hpp"

namespace seatrial {

struct Target {
  enum class Kind { broker, leader, follower, followers, controller, one, minority, majority, all };
  Kind kind = Kind::one;
  NodeId node;           // of broker(n)
  TopicPartition where;  // of leader, follower, followers
  friend bool operator==(const Target&, const Target&) = default;
};

Result<Target> parse_target(std::string_view text);
std::string to_string(const Target& target);

}  // namespace seatrial
