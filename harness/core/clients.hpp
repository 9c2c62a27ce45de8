// What faults have clients do that live in processes of their own, and what these say of it. It is
// memory that the harness shares with such a process: either side writes its own part, and reads
// the other's.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/ids.hpp"

namespace seatrial {

struct ClientConduct {
  // Written by the harness, obeyed before the next poll, message or moment.
  std::atomic<std::int64_t> slower_by_ns{0};  // that the handling of each message takes longer
  std::atomic<bool> skips_polls{false};       // it polls no more, while its process goes on
  std::atomic<std::uint32_t> disconnects{0};  // how often it was told to shut its connections

  // Written by the client.
  std::atomic<std::uint64_t> slowed{0};               // messages whose handling took longer for it
  std::atomic<std::int64_t> not_polling_since_ns{0};  // its last poll; 0: it polls
  std::atomic<std::int64_t> poll_gap_ns{0};           // the last time: from then to the next poll
  std::atomic<std::uint32_t> disconnected{0};         // how often it has shut its connections
  std::atomic<std::uint64_t> shut{0};                 // connections, over all these times
  std::atomic<std::uint64_t> reconnected{0};          // made within 10 s of the last of them
};

// The clients of a trial that are processes of their own. Thread-safe.
class Clients {
 public:
  virtual ~Clients() = default;
  // Outlives the client's process, and holds for the one that follows it.
  [[nodiscard]] virtual ClientConduct& conduct(NodeId client) = 0;
};

}  // namespace seatrial
