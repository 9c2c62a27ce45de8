// A process shuts its TCP connections when a fault tells it to, and counts those that are made
// anew: a client's library cannot tell that from a broker, or a box in between, that hung up.
#pragma once

#include <cstdint>
#include <set>

#include "core/clients.hpp"
#include "core/time.hpp"

namespace seatrial::workers {

// By the numbers that the kernel gives each socket, and no other before the machine starts again.
using Connections = std::set<std::uint64_t>;

// The established TCP connections of this process, as /proc tells.
[[nodiscard]] Connections own_connections();
// Shuts them in both directions; which they were. Descriptors stay open: they are their owners'.
Connections shut_own_connections();

// Obeys ClientConduct::disconnects. One thread at a time.
class Disconnecting {
 public:
  // What was asked before is not for this process.
  explicit Disconnecting(ClientConduct& conduct)
      : conduct_(conduct), obeyed_(conduct.disconnects) {}
  // To be called every few milliseconds; reads /proc only while there is something to be seen.
  void step();

 private:
  ClientConduct& conduct_;
  std::uint32_t obeyed_;
  Connections shut_, made_;  // by the last disconnect, and after it
  Instant counts_until_{};
};

}  // namespace seatrial::workers
