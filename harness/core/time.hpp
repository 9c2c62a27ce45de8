// Time as the harness uses it: one monotonic clock for every latency, wall time only for people.
// Interfaces take these types; raw int64_t nanoseconds appear only at borders and end in `_ns`.
#pragma once

#include <chrono>
#include <cstdint>

namespace seatrial {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// steady_clock is CLOCK_MONOTONIC: shared by all processes of a machine, never set back.
using Instant = std::chrono::time_point<std::chrono::steady_clock, nanoseconds>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, milliseconds>;

[[nodiscard]] inline Instant now() { return std::chrono::steady_clock::now(); }
[[nodiscard]] constexpr std::int64_t to_ns(Instant t) { return t.time_since_epoch().count(); }
[[nodiscard]] constexpr Instant from_ns(std::int64_t ns) { return Instant{nanoseconds{ns}}; }
[[nodiscard]] inline double to_seconds(nanoseconds d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace seatrial
