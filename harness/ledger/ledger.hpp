// What became of every message. For each stream (lane x partition) a dense sequence is opened, and
// each message settles as sent (acks=0), acked or failed; what never settles is unknown.
//
// All state of one trial sits in one shared mapping, so a lane may live in a process of its own
// (which maps the same by `attach`) and die at any point: `opened` is published (release) before
// the client sees the message, and outcomes are runs of sequences whose last run is extended by one
// atomic store. What a dead lane had open is unknown. One writer per lane; `snapshot` may be called
// from anywhere, best after the lanes ended.
//
// Memory grows with gaps: a run is 16 bytes whatever its length. When a stream's runs are full,
// they are compacted; if that frees nothing, further outcomes are dropped, counted, and so stay
// unknown. Of offsets it keeps tables of bounded size (offsets.hpp), and judges them as they come:
// offsets that go down within a stream, or that were acked before the message was sent. Opening and
// settling take no lock and allocate nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "core/ids.hpp"
#include "ledger/offsets.hpp"

namespace seatrial::ledger {

class OperationLog;

enum class Outcome : std::uint8_t { sent = 1, acked = 2, failed = 3, unknown = 4 };

// A message between `open` and `settle`. Lives in the shared mapping.
struct Slot {
  std::uint32_t stream = 0;    // index within the lane: the partition
  std::uint16_t open = 0;      // the ledger's: 1 from `open` to `settle` or `retract`, 2 within it
  std::uint16_t messages = 1;  // `seq` and those that follow it: more than one in a run
  std::uint64_t seq = 0;
  std::int64_t intended_ns = 0;
  std::int64_t sent_ns = 0;               // 0 until the client accepted it
  std::int64_t acked_before = -1;         // the stream's highest acked offset at `open`
  std::atomic<std::int64_t> acked_ns{0};  // stamped by the client's broker thread; 0 until then
};
using SlotIndex = std::uint32_t;

// A lane's side. Lane's thread only, save Slot::acked_ns.
class LaneLedger {
 public:
  struct Impl;
  explicit LaneLedger(std::unique_ptr<Impl> impl);
  ~LaneLedger();
  LaneLedger(LaneLedger&&) noexcept;

  [[nodiscard]] bool full() const;                // no slot is free: wait for deliveries
  [[nodiscard]] std::uint64_t in_flight() const;  // slots taken; a run is one
  // Takes the next sequence of `stream` and a slot; publishes it. Requires !full().
  [[nodiscard]] SlotIndex open(std::uint32_t stream, std::int64_t intended_ns);
  // As `messages` calls of open, for messages that will be settled together: one slot stands for
  // all, with the intended time of the first. Not where operations are kept, which are told apart.
  static constexpr std::uint32_t most_in_run = 0xffff;
  [[nodiscard]] SlotIndex open_run(std::uint32_t stream, std::int64_t intended_ns,
                                   std::uint32_t messages);
  [[nodiscard]] bool keeps_operations() const;
  // A slot stays where it is for the ledger's life, so another thread may keep the reference.
  [[nodiscard]] Slot& slot(SlotIndex index);
  // Records the outcome and frees the slot. offset < 0: none is known. `unknown` records nothing.
  // Of a run: the outcome of all, and the offset of the first, which the others follow one by one.
  void settle(SlotIndex index, Outcome outcome, std::int64_t offset);
  // Writes every settled message to `log` as well. `first_stream`: of this lane.
  void keep_operations(OperationLog& log, LaneId lane, std::uint32_t first_stream);
  // Takes back the newest opened message of its stream, which the client never accepted: it is
  // unsent.
  void retract(SlotIndex index);
  [[nodiscard]] std::vector<SlotIndex> open_slots() const;  // oldest first

 private:
  std::unique_ptr<Impl> impl_;
};

struct LaneShape {
  LaneId lane;
  std::string workload;
  std::string topic;
  std::uint32_t partitions = 1;
  std::uint32_t max_in_flight = 1 << 17;
};

// A message that a lane had open: what to count as censored when the lane died.
struct OpenMessage {
  StreamId stream;
  Seq seq;
  std::int64_t intended_ns = 0;
  std::int64_t sent_ns = 0;  // 0: the client had not accepted it
};

class Ledger {
 public:
  // Throws InfrastructureError if it cannot be mapped. `runs_per_stream`: 0 chooses by the number
  // of streams; address space is reserved for all of them, memory is used as they fill.
  explicit Ledger(const std::vector<LaneShape>& lanes, std::uint32_t runs_per_stream = 0);
  // Another process's ledger, by its descriptor, which this takes over. `lanes`: the very same.
  static std::unique_ptr<Ledger> attach(const std::vector<LaneShape>& lanes, int descriptor);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // By position in the constructor's list. Each lane is handed out once, over all processes.
  [[nodiscard]] LaneLedger lane(std::size_t index);
  // StreamId of that lane's partition 0; the others follow.
  [[nodiscard]] std::uint32_t first_stream(std::size_t index) const;
  // In StreamId order; nothing of the audit's is filled.
  [[nodiscard]] std::vector<StreamHistory> snapshot() const;
  // In StreamId order, once the lanes have ended.
  [[nodiscard]] std::vector<StreamOffsets> offsets() const;
  // Of the mapping: in physical memory now, for tests and benchmarks.
  [[nodiscard]] std::uint64_t resident_bytes() const;
  // For other processes to attach to.
  [[nodiscard]] int descriptor() const;
  // What a lane that ended had open. A message whose settling was cut short may be among them.
  // Those of a run all have the intended time of its first.
  [[nodiscard]] std::vector<OpenMessage> open_messages(std::size_t index) const;

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::ledger
