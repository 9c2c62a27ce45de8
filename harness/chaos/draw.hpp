// Random chaos, drawn before anything starts: which faults strike whom, when and for how long. The
// same setting, what was seen before and seed give the same timeline anywhere.
//
// A model of what is broken is the precondition of each draw: brokers that a fault holds, and those
// that were healed less than `grace` ago and may still catch up, are away. Within tolerance no more
// are away at once than replication tolerates; beyond it nothing limits them. In both cases two
// faults that overlap surely hit different nodes: whoever is found only at injection (a leader) may
// be anybody, save of followers that are held already, of which none leads. And nobody is looked
// for who may not be there: while all brokers may be away, no partition has a leader for certain.
//
// A quarter of the periods is quiet. What was drawn often before is drawn the less: the weight of a
// fault on a role is divided by 1 + the times it was seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/target.hpp"
#include "core/time.hpp"

namespace seatrial::chaos {

struct Weighted {
  std::string fault;
  double weight = 1;
  bool acts_on_nodes = true;  // false: its target is the cluster, and it breaks no node
};

struct Setting {
  nanoseconds every{0};     // a period
  nanoseconds measure{0};   // nothing lasts longer
  nanoseconds shortest{0};  // that a fault is held
  nanoseconds longest{0};
  nanoseconds grace{0};  // from healing until a broker is whole again, at most
  std::vector<Weighted> faults;
  std::vector<Target::Kind> roles;         // broker, leader, follower, followers, controller
  std::vector<TopicPartition> partitions;  // whose leaders and followers may be hit
  int followers = 0;                       // of each partition
  int brokers = 0;
  int controllers = 0;  // that are no brokers; 0: brokers vote
  int tolerated = 0;    // brokers that may be away at once
  bool beyond = false;  // whether more may
};

struct Drawn {
  std::string fault;
  Target target;
  nanoseconds at{0};  // whole milliseconds, as is heal_after
  nanoseconds heal_after{0};
  friend bool operator==(const Drawn&, const Drawn&) = default;
};

// How often a fault was drawn on a role so far, by "kill leader".
using Seen = std::map<std::string, int>;

// In order of time. Adds what it drew to `seen`.
std::vector<Drawn> draw(const Setting& setting, Seen& seen, std::uint64_t seed);

// Spans, from the start of measure, in which no more is broken than replication tolerates and was
// not within the last `grace`: what a client asks for must be done in them.
using Span = std::pair<nanoseconds, nanoseconds>;
std::vector<Span> demanding_spans(const Setting& setting, const std::vector<Drawn>& drawn);

}  // namespace seatrial::chaos
