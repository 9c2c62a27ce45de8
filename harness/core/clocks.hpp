// The clocks that nodes read the time of day from, where the cluster kind can set them one by one:
// the counterpart of Processes for faults of time. Clocks that only count from some start (timeouts
// and latencies go by these) run on as they are.
//
// Thread-safe. Calls throw InfrastructureError if they could not be carried out; whether a node
// sees the time it was given is read back with `read`, never assumed.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial {

// How far a node's clock is ahead of this machine's (negative: behind), as the node itself told.
struct ClockReading {
  nanoseconds ahead{0};
  nanoseconds uncertainty{0};  // either way: half the time that the question took
  Instant at;                  // when it was asked, in the middle
};

class Clocks {
 public:
  virtual ~Clocks() = default;
  // From now on the node's clock is so far ahead, and from there runs `rate` times as fast as this
  // machine's. A process sees it within two seconds. One that is started later begins with `ahead`.
  virtual void set(NodeId node, nanoseconds ahead, double rate) = 0;
  [[nodiscard]] virtual ClockReading read(NodeId node) const = 0;
};

}  // namespace seatrial
