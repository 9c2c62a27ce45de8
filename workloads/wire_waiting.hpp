// Messages of one partition that wait for their batch, in sequence, and when they leave by plan: a
// batch leaves when its first message has lingered, or when the message that fills it is due,
// whichever is first. It takes all with it that is due by then.
//
// The linger is the client's that the lane stands for, so a message counts as sent when it is due,
// and is late by as much as its batch leaves after its planned departure. Without linger, a message
// counts as sent when the lane takes it. What a broker has no room for has left by plan all the
// same: it waits for the broker, not for the lane.
//
// And when a lane has to be awake for them. No clock is read here. One owner, single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/open_loop.hpp"
#include "workloads/wire_batch.hpp"

namespace seatrial::workloads {

class Waiting {
 public:
  explicit Waiting(std::int64_t linger_ns) : linger_ns_(linger_ns) {}

  // When each is intended, ascending, and its shape (unless all are alike). Who appends to these
  // says so by took().
  std::vector<std::int64_t> intended_ns;
  std::vector<MessageShape> shapes;
  // The last `messages` of them were taken now, when all of them are due.
  void took(std::size_t messages, std::int64_t now_ns);

  [[nodiscard]] std::size_t count() const { return intended_ns.size() - begin_; }
  [[nodiscard]] std::span<const std::int64_t> waiting_ns() const {
    return std::span(intended_ns).subspan(begin_);
  }
  [[nodiscard]] std::span<const MessageShape> waiting_shapes() const {
    return shapes.empty() ? std::span<const MessageShape>() : std::span(shapes).subspan(begin_);
  }
  // Of the first, which is there: when it was taken, how many were taken with it and leave with it
  // by plan, and when that is.
  [[nodiscard]] std::int64_t taken_ns() const { return runs_[first_].taken_ns; }
  [[nodiscard]] std::size_t together() const { return runs_[first_].messages; }
  [[nodiscard]] std::int64_t leaves_ns() const { return runs_[first_].leaves_ns; }
  // The next time at which something is to leave that the lane has not come to yet; INT64_MAX:
  // none.
  [[nodiscard]] std::int64_t next_ns() const;

  // The lane has come to all that leaves by now.
  void come_to(std::int64_t now_ns);
  // Moves the first `messages` to the batch, as one that leaves at least so late.
  void move_to(WireBatch& batch, std::size_t messages, std::int64_t late_ns);
  // Forgets them.
  void drop(std::size_t messages);

  bool held = false;  // when the lane last came, the producer had no room for the next batch

 private:
  // Messages that leave together by plan.
  struct Run {
    std::size_t messages = 0;
    std::int64_t taken_ns = 0;
    std::int64_t leaves_ns = 0;
    std::int64_t late_ns = 0;  // known when the lane has come to it
  };
  void begin_run(std::int64_t first_ns, std::int64_t now_ns);

  std::int64_t linger_ns_;
  std::vector<Run> runs_;
  std::size_t begin_ = 0;    // of the messages that were not moved on yet
  std::size_t first_ = 0;    // of their runs
  std::size_t pending_ = 0;  // the first run that the lane has not come to
};

// What a lane that has done all it could knows of what comes next.
struct Ahead {
  std::int64_t leaves_ns = INT64_MAX;  // the first planned departure of what waits
  std::size_t missing = 1;             // messages, at least, until another batch is full
  std::uint64_t room = 0;              // messages that the queue still takes
  std::int64_t no_later_ns = 0;        // to be awake again in any case
};
// When it has something to do again that no broker tells of. With linger, a message that will be
// due need not be looked at before its batch leaves, so a lane wakes once for a batch.
[[nodiscard]] std::int64_t wake_ns(OpenLoop& loop, std::int64_t linger_ns, const Ahead& ahead,
                                   std::int64_t now_ns);

}  // namespace seatrial::workloads
