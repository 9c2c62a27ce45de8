// What holds a node's process to less of the machine than there is, where the cluster kind has a
// control group around each: the counterpart of Processes for faults of CPU time and memory, and
// for standing still without a signal.
//
// A limit is in force until it is taken back; what it did is read back from the kernel's counters,
// never assumed. Thread-safe. Calls throw InfrastructureError if they could not be carried out.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial {

// As the kernel counts since the node's first start, over all processes it has had.
struct LimitCounters {
  std::uint64_t periods = 0;       // of 100 ms, in which it wanted to run under a CPU limit
  std::uint64_t throttled = 0;     // of these, those in which it used up its share
  nanoseconds held_back{0};        // for so long, summed over its cores
  std::uint64_t memory_bytes = 0;  // in use now, page cache and files in memory included
  std::uint64_t at_limit = 0;      // times that it wanted memory beyond its limit
  std::uint64_t oom_kills = 0;     // processes that the kernel ended for want of memory
  friend bool operator==(const LimitCounters&, const LimitCounters&) = default;
};

class Limits {
 public:
  virtual ~Limits() = default;
  // The cores that the node may use; nothing: as many as it was started with.
  virtual void limit_cpu(NodeId node, std::optional<double> cores) = 0;
  // The memory that it may use, swap being none of it; nothing: all. Where it has more in use that
  // cannot be taken from it, the kernel ends it at once (control groups of version 2) or as soon as
  // it wants more (1).
  virtual void limit_memory(NodeId node, std::optional<std::uint64_t> bytes) = 0;
  // Has a process beside the node take memory without end, under the node's limit; of the two the
  // kernel ends the node first. False ends that process.
  virtual void crowd_memory(NodeId node, bool crowd) = 0;
  // All threads of the node stand still, wherever they are, and no signal tells of it.
  virtual void freeze(NodeId node, bool frozen) = 0;
  // Whether all of them do.
  [[nodiscard]] virtual bool is_frozen(NodeId node) const = 0;
  [[nodiscard]] virtual LimitCounters counted(NodeId node) const = 0;
};

}  // namespace seatrial
