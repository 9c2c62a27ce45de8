// When messages are intended: the open loop. Message i is intended at t0 plus the sum of the gaps
// before it, exact over days: constant gaps as t0 + i * per / messages in 128-bit integers, shapes
// that change over time likewise (schedule.hpp), Poisson gaps summed in 64.32 fixed point, so no
// rounding builds up. t0 never moves; a late lane catches up, it does not re-base.
// Pure: no clock is read here. One owner.
#pragma once

#include <cstdint>
#include <memory>

#include "core/units.hpp"
#include "measure/arrivals.hpp"

namespace seatrial::measure {

// When message i (from 0) of a constant schedule is intended, rounded down to the nanosecond: the
// definition that Pacer follows step by step.
[[nodiscard]] std::int64_t constant_intended_ns(const Rate& rate, std::uint64_t i,
                                                std::int64_t t0_ns);

class Pacer {
 public:
  // Lane `index` of `lanes` gets the messages index, index + lanes, ... of the common schedule, or
  // (poisson) an independent stream at rate / lanes from `seed` and `index`. rate must not be
  // unlimited: the closed loop has no pacer. What measure::problem tells of is a broken invariant.
  Pacer(Rate rate, const Arrivals& arrivals, int index, int lanes, std::int64_t t0_ns,
        std::uint64_t seed);
  ~Pacer();
  Pacer(Pacer&&) noexcept;
  Pacer& operator=(Pacer&&) noexcept;

  // Of the next message; INT64_MAX once a trace that does not repeat is over.
  [[nodiscard]] std::int64_t next_ns() const { return next_ns_; }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  void advance() {  // that message was taken
    ++taken_;
    if (shaped_) [[unlikely]] {
      advance_shaped();
      return;
    }
    // Long division carried along: next_ns_ and remainder_ are quotient and remainder of the exact
    // 128-bit expression at every step, without dividing.
    next_ns_ += step_ns_;
    remainder_ += step_remainder_;
    if (remainder_ >= divisor_) {
      remainder_ -= divisor_;
      ++next_ns_;
    }
  }
  // As `count` calls of advance; at once, save that poisson draws for each message.
  void skip(std::uint64_t count);

 private:
  struct Poisson;
  struct Shaped;
  void advance_shaped();
  void place_constant();  // next_ns_ and remainder_ from taken_

  std::int64_t next_ns_ = 0;
  std::uint64_t taken_ = 0;
  std::int64_t step_ns_ = 0;
  std::uint64_t remainder_ = 0;
  std::uint64_t step_remainder_ = 0;
  std::uint64_t divisor_ = 1;
  std::unique_ptr<Shaped> shaped_;  // null: constant
  Rate rate_;
  std::uint64_t index_ = 0;
  std::uint64_t lanes_ = 1;
  std::int64_t t0_ns_ = 0;
};

}  // namespace seatrial::measure
