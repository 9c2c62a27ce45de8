// The disks under a cluster's nodes, where the cluster kind has put its own there: the counterpart
// of Processes for faults of storage. Each log dir of a node is a file system of its own on a disk
// of its own, which keeps what it is told to flush, and of everything else forgets what a power cut
// takes.
//
// Thread-safe. Calls throw InfrastructureError if they could not be carried out; what a rule did is
// read back from its counters, never assumed.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace seatrial {

// Which disk: that of a node's log dir, of which the first has the cluster's metadata.
struct DiskId {
  NodeId node;
  int dir = 1;  // its place in the node's log.dirs, from 1
  friend auto operator<=>(const DiskId&, const DiskId&) = default;
};

// What the kernel asks of a disk; a flush is what an fsync of a file comes to.
enum class DiskOperation { read, write, flush };

struct DiskRule {
  enum class Effect {
    delay,  // carried out later
    fail    // not carried out: an input/output error
  };
  enum class Spread {
    fixed,       // each delay is `by`
    uniform,     // evenly from 0 to twice `by`
    exponential  // with `by` as its mean; at most twenty times that
  };
  DiskId disk;
  std::set<DiskOperation> operations;
  Effect effect = Effect::delay;
  nanoseconds by{0};
  Spread spread = Spread::fixed;
  double probability = 1;  // of so many of these operations, drawn by the seed
  std::uint64_t seed = 1;
  friend bool operator==(const DiskRule&, const DiskRule&) = default;
};

// What a rule did so far. Only ever rises.
struct DiskRuleCounters {
  std::uint64_t operations = 0;  // that were late, or failed
  std::uint64_t bytes = 0;       // that these were to read or write
  friend bool operator==(const DiskRuleCounters&, const DiskRuleCounters&) = default;
};

// What a power cut took, in bytes.
struct PowerLoss {
  std::uint64_t unflushed = 0;  // the disk had been given, and not been told to keep
  std::uint64_t unwritten = 0;  // the page cache still had; given to the disk without power
  friend bool operator==(const PowerLoss&, const PowerLoss&) = default;
};

// What a node meets that writes to its disk.
enum class DiskState { writable, full, read_only, failing };
std::string_view to_string(DiskState state);

class Disks {
 public:
  virtual ~Disks() = default;
  // All of a node's, in the order of its log.dirs; none if it has no such node.
  [[nodiscard]] virtual std::vector<DiskId> of(NodeId node) const = 0;

  using RuleId = std::uint64_t;
  [[nodiscard]] virtual RuleId add(const DiskRule& rule) = 0;
  // Idempotent. What waited by the rule is carried out at once.
  virtual void remove(RuleId rule) = 0;
  // Also of a rule that was removed.
  [[nodiscard]] virtual DiskRuleCounters counted(RuleId rule) const = 0;

  // Cuts the power of all these disks at one moment: what they were not told to keep is gone, and
  // whoever reads, writes or flushes waits, so that nothing is acknowledged from here on.
  virtual void cut(const std::vector<DiskId>& disks) = 0;
  // After the processes were killed: what waits ends without effect, and so can they.
  virtual void release(const std::vector<DiskId>& disks) = 0;
  // Takes the file system off the disk, gives the disk its power (back), checks the file
  // system if it met errors, and mounts it again, whereby its journal is replayed. Nobody may use
  // it meanwhile. What the last cut took; nothing of it twice.
  virtual PowerLoss remount(DiskId disk) = 0;

  // Takes the room on the file system, save for so many bytes; again, if some was freed.
  virtual void fill(DiskId disk, std::uint64_t leave) = 0;
  virtual void unfill(DiskId disk) = 0;  // idempotent
  // Has the file system meet an error, upon which it takes no more writes until it is mounted anew.
  virtual void make_read_only(DiskId disk) = 0;
  // Has the kernel forget what it keeps in memory of the disk's files, save what it has yet to
  // write and what is mapped: who reads it next waits for the disk. Bytes that it forgot.
  virtual std::uint64_t drop_cache(DiskId disk) = 0;
  // Tries it by writing a few bytes to a file of its own.
  [[nodiscard]] virtual DiskState try_out(DiskId disk) const = 0;
  [[nodiscard]] virtual std::uint64_t free_bytes(DiskId disk) const = 0;
};

}  // namespace seatrial
