// Every single operation of a trial, for those who want its whole history: each message sent, each
// batch polled. The ledger's sets forget times and offsets to be small; this keeps them, so it is
// for short trials: beyond `most` operations it keeps none, since a history with holes would prove
// anomalies that never were.
//
// Thread-safe (one mutex). Off unless a lane's ledger and a group's are told to write to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/ids.hpp"

namespace seatrial::ledger {

struct Delivery;  // of ledger/group.hpp

struct SendOperation {
  LaneId lane;
  std::uint32_t slot = 0;  // no two messages of a lane are in one slot at once
  StreamId stream;
  Seq seq;
  std::int64_t sent_ns = 0, done_ns = 0;  // steady clock
  enum class End { acked, failed, unknown } end = End::unknown;
  std::int64_t offset = -1;  // -1: not told
};

struct PollOperation {
  std::string workload;
  std::uint32_t member = 0;
  std::int64_t at_ns = 0;
  struct Message {
    std::int32_t partition = 0;
    std::uint32_t assignment = 0;
    std::int64_t offset = 0;
    bool identified = true;
    StreamId stream;
    Seq seq;
  };
  std::vector<Message> messages;
};

class OperationLog {
 public:
  static constexpr std::size_t default_most = 1'000'000;
  explicit OperationLog(std::size_t most = default_most) : most_(most) {}

  void settled(const SendOperation& send);
  void polled(const std::string& workload, std::span<const Delivery> batch);

  // More operations came than are kept; then nothing is.
  [[nodiscard]] bool overflowed() const;
  // What was kept, in the order in which it was told. The log is empty afterwards.
  struct Kept {
    std::vector<SendOperation> sends;
    std::vector<PollOperation> polls;
  };
  [[nodiscard]] Kept take();

 private:
  [[nodiscard]] bool room(std::size_t operations);

  mutable std::mutex mutex_;
  std::size_t most_;
  std::size_t count_ = 0;
  Kept kept_;
};

}  // namespace seatrial::ledger
