// Exact schedules that do not depend on chance: the offset of message i from the start, in whole
// nanoseconds, rounded down; never_ns if it is beyond all times. All lanes share one: lane `index`
// of `lanes` takes the messages index, index + lanes, ... `place` jumps to any of them, `step` goes
// on by one of the lane's, in a few nanoseconds; both give the same. Integers and 128-bit products
// only, so that nothing drifts. Behind Pacer, which holds one by value; no clock, no allocation in
// `step`.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "measure/arrivals.hpp"

namespace seatrial::measure {

__extension__ typedef __int128 Wide;  // NOLINT: `using` would warn under -Wpedantic

inline constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();

// i * per / messages, rounded down; never_ns if that is more than 292 years.
std::int64_t even_offset_ns(const Rate& rate, Wide i);

// Burst b begins where its first message would be intended at the constant rate; message k of it
// follows k * span / burst later.
class Bursts {
 public:
  Bursts(const Rate& rate, const Arrivals& arrivals, std::uint64_t lanes);
  std::int64_t place(Wide i);
  std::int64_t step();

 private:
  [[nodiscard]] std::int64_t offset() const;
  Rate rate_;
  std::uint64_t burst_ = 1;
  std::uint64_t span_ns_ = 0;
  std::uint64_t lanes_ = 1;
  Wide first_ = 0;       // message of this burst
  std::uint64_t k_ = 0;  // within it
  std::int64_t begin_ns_ = 0;
};

// A rate that changes in straight lines from knot to knot, once (and stays at the last) or
// periodically. Message i is intended where the integral of the rate reaches i, and never where it
// does not.
class Curve {
 public:
  Curve(const Rate& rate, const Arrivals& arrivals, std::uint64_t lanes);
  std::int64_t place(Wide i);
  std::int64_t step();
  // Why these would leave 128 bits, or nothing.
  static std::optional<Error> problem(const Rate& rate, const Arrivals& arrivals);

 private:
  // Messages are counted in units of 1 / (2 * denominator_), so that all knots lie on whole ones.
  struct Knot {
    std::int64_t at_ns = 0;
    std::int64_t rate = 0;  // messages per nanosecond, times denominator_
    Wide before = 0;        // messages up to here
  };
  [[nodiscard]] Wide reached(const Knot& from, const Knot& to, std::int64_t u) const;
  [[nodiscard]] std::int64_t solve(const Knot& from, const Knot& to, Wide due,
                                   std::int64_t guess) const;
  void add_knots(const Rate& rate, const Arrivals& arrivals);
  void add_knots(const Profile& profile);
  [[nodiscard]] std::int64_t at_last_rate();

  std::vector<Knot> knots_;
  bool periodic_ = false;
  std::int64_t denominator_ = 1;
  Wide unit_ = 2;    // one message
  Wide stride_ = 2;  // one of the lane's
  // The next message: its count within the cycle, the segment it lies in, and where.
  Wide due_ = 0;
  Wide cycle_ = 0;
  std::size_t segment_ = 0;
  std::int64_t u_ns_ = 0;
};

class Replay {
 public:
  Replay(const Arrivals& arrivals, std::uint64_t lanes);
  std::int64_t place(Wide i);  // never_ns: the trace is over
  std::int64_t step();

 private:
  [[nodiscard]] std::int64_t offset() const;
  std::shared_ptr<const Trace> trace_;
  std::uint64_t lanes_ = 1;
  std::uint64_t k_ = 0;
  Wide round_ = 0;
};

}  // namespace seatrial::measure
