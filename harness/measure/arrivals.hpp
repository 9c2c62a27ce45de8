// How messages spread over time, beside their rate: the shapes of an open loop's schedule.
//
//   constant  equal gaps
//   poisson   exponentially distributed gaps of the rate's mean, drawn by the seed
//   bursts    `burst` messages together, spread evenly over `span`, as often as the rate says
//   ramp      from `low` to the rate in a straight line over `span`, then at the rate
//   diurnal   a day of length `span`: from `low` at its start to the rate at noon and back
//   trace     as recorded; the trace has a rate of its own
//   profile   rates at moments, in straight lines between; it has a rate of its own, too
//
// Data only; Pacer (pacer.hpp) makes intended times of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/units.hpp"

namespace seatrial::measure {

// A recorded schedule: when each message of a round is intended, in nanoseconds since it began.
struct Trace {
  std::vector<std::int64_t> times_ns;  // ascending from 0 or later; the last one is above 0
  bool repeats = false;  // the next round begins where this one's last message is intended
};

// Rates at moments since the start, in straight lines between. Two points at one moment are a jump.
// A message whose turn comes while the rate is 0 waits for the rate.
struct Profile {
  struct Point {
    std::int64_t at_ns = 0;
    Rate rate;  // 0 messages: none fall due
  };
  std::vector<Point> points;  // ascending; the first one is at 0
  bool repeats = false;       // from the start after the last point; else its rate stays for good
};

struct Arrivals {
  enum class Shape { constant, poisson, bursts, ramp, diurnal, trace, profile };
  Shape shape = Shape::constant;
  std::uint64_t burst = 1;
  nanoseconds span{0};
  Rate low;
  std::shared_ptr<const Trace> trace;
  std::shared_ptr<const Profile> profile;

  static const Arrivals constant;
  static const Arrivals poisson;
};

inline const Arrivals Arrivals::constant{};
inline const Arrivals Arrivals::poisson{.shape = Shape::poisson};

// Why no exact schedule can be made of the two, or nothing.
std::optional<Error> problem(const Rate& rate, const Arrivals& arrivals);

// Messages that fall due within the first `span` of the schedule, over all lanes; of poisson
// arrivals, how many are expected.
double offered_messages(const Rate& rate, const Arrivals& arrivals, nanoseconds span);

// A trace's lines, each a duration with its unit (`1.5ms`); empty ones and those that start with #
// do not count. The error names the line.
enum class TraceKind {
  gaps,  // from the message before (of the first: from the start) to this one
  times  // from the start, ascending
};
Result<Trace> read_trace(std::string_view text, TraceKind kind);

// The mean over a trace, to its last message.
Rate rate_of(const Trace& trace);

// The mean to a profile's last point, in whole messages, at least one; of a single point its rate.
Rate rate_of(const Profile& profile);

}  // namespace seatrial::measure
