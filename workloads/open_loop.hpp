// The intending side of a lane that produces, the same for every one: what falls due and until
// when, the lane's share of a count, waits for room in a full queue, and the ends of it all.
// Without a rate the loop is closed: a message is due whenever there is room for it.
//
// One owner: the lane's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "client/lane.hpp"
#include "core/units.hpp"
#include "measure/pacer.hpp"

namespace seatrial::workloads {

// What falls due, over all lanes of a workload.
struct Intent {
  Rate rate;  // unlimited: the closed loop
  measure::Arrivals arrivals = measure::Arrivals::constant;
  std::uint64_t count = 0;  // 0: no limit
};

class OpenLoop {
 public:
  // Keeps `lane`.
  OpenLoop(const Intent& intent, const LaneContext& lane);
  // The trial's clock is set: messages fall due from its start on.
  void start();
  // A turn of the lane's loop begins: looks for the end and for a stop, and ends a wait for room.
  void turn(const std::stop_token& stop, std::int64_t now_ns);

  [[nodiscard]] bool paced() const { return pacer_.has_value(); }
  // Of the next message; without a rate, now.
  [[nodiscard]] std::int64_t next_ns(std::int64_t now_ns) const {
    return pacer_ ? pacer_->next_ns() : now_ns;
  }
  // Whether another message is due now, or will be.
  [[nodiscard]] bool intending(std::int64_t now_ns) const {
    return left() > 0 && next_ns(now_ns) < until_ns_;
  }
  // When `count` more messages will be due, of at least one; `before_ns` if that is not before it,
  // and less than it is if that cannot be told. For who asks again and again, of messages ever
  // further on.
  [[nodiscard]] std::int64_t due_ns(std::uint64_t count, std::int64_t before_ns);
  // Of the messages that will be due no more than `within` after the next one, the last one's
  // time. Not for who asks for due_ns, too.
  [[nodiscard]] std::int64_t last_due_ns(std::int64_t within_ns);
  // No message is intended at or after this.
  [[nodiscard]] std::int64_t until_ns() const { return until_ns_; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  [[nodiscard]] std::uint64_t left() const { return limit_ - taken_ - passed_; }

  // The message that was due is the lane's now.
  void take() {
    if (pacer_) pacer_->advance();
    ++taken_;
  }
  // Takes all that is due, at most `most`, and appends when each was intended; their number.
  std::size_t take_due(std::size_t most, std::int64_t now_ns, std::vector<std::int64_t>& intended);

  // A message is due and there is no room for it, until the next turn.
  void block(std::int64_t now_ns) { blocked_since_ns_ = now_ns; }
  [[nodiscard]] bool blocked() const { return blocked_since_ns_ != 0; }
  [[nodiscard]] std::uint64_t backpressure_ns() const { return backpressure_ns_; }

  // Passes over all that fell due and was not taken, up to now, and calls visit(intended_ns) for
  // each.
  template <class Visit>
  void each_left(std::int64_t now_ns, const Visit& visit) {
    const std::int64_t end_ns = now_ns < until_ns_ ? now_ns : until_ns_;
    for (; pacer_ && left() > 0 && pacer_->next_ns() < end_ns; ++passed_) {
      visit(pacer_->next_ns());
      pacer_->advance();
    }
  }

  // What is open then is unknown: as the trial's clock says or, where nobody has set a budget, some
  // seconds after a stop was seen.
  [[nodiscard]] std::int64_t settle_until_ns() const;
  // Tells the report of all that was intended; what fell due and was never taken is unsent.
  void close(std::int64_t now_ns, LaneReport& report);

 private:
  Intent intent_;
  const LaneContext& lane_;
  std::optional<measure::Pacer> pacer_;  // none in the closed loop
  std::optional<measure::Pacer> scout_;  // walks ahead on the same schedule,
  std::int64_t scouted_ns_ = 0;          // and has come to the message of this time
  std::uint64_t limit_ = UINT64_MAX;
  std::uint64_t taken_ = 0, passed_ = 0;
  std::int64_t until_ns_ = 0;
  std::int64_t stopped_ns_ = 0;        // when a stop was seen; 0: none
  std::int64_t blocked_since_ns_ = 0;  // 0: not
  std::uint64_t backpressure_ns_ = 0;
};

}  // namespace seatrial::workloads
