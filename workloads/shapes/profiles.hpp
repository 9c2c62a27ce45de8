// Shapes of arrivals that are rates over time, one file each: steps.cpp, spikes.cpp, rates.cpp.
// Times count from where the load begins, warm-up included, as those of all shapes do.
//
//   steps(100/s 30s, 500/s 30s, 2k/s)    each rate for its time; the last one for good
//   steps(100/s 30s, 0 10s, repeat)      again and again
//   spikes(2k/s, 5s, 60s)                at `rate`, and at 2k/s for the last 5 s of each 60 s
//   rates(FILE) rates(FILE, repeat)      as a file says, in straight lines between its lines
#pragma once

#include <string>
#include <string_view>

#include "measure/arrivals.hpp"
#include "workloads/shapes/call.hpp"

namespace seatrial::workloads {

// A rate of nothing may be written 0 or 0/s here, never `max`.
Result<Rate> parse_profile_rate(std::string_view text);

Result<measure::Profile> parse_steps(const ShapeCall& call);

struct Spikes {
  Rate high;
  nanoseconds length{0}, every{0};
};
Result<Spikes> parse_spikes(const ShapeCall& call);
[[nodiscard]] measure::Profile profile_of(const Spikes& spikes, const Rate& base);

// Lines `TIME,RATE` as `90s,1200/s`; or, after a line `time_s,rate_per_s`, plain numbers. Empty
// ones and those that start with # do not count. The error begins with line:column.
Result<measure::Profile> read_rates(std::string_view text);

}  // namespace seatrial::workloads
