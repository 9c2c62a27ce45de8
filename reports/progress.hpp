// The live line of a running trial. A pure function of what is known; the caller decides whether it
// overwrites the last one (a terminal) or is printed every few seconds (a pipe, CI).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace seatrial::reports {

struct Progress {
  std::string variant;
  int trial = 1;   // counted from 1
  int trials = 1;
  bool at_most = false;    // fewer trials may be enough
  std::string phase;       // "starting brokers", "warmup", "measure", ...
  double into_s = 0;       // seconds into the phase
  double phase_s = 0;      // its length; 0: not known in advance
  std::optional<double> offered_per_s;
  std::optional<double> acked_per_s;
  std::optional<double> consumed_per_s;
  std::optional<std::int64_t> p99_ns;  // of response, over the last second
  std::string fault;       // in force now: "kill leader(orders/0)"; empty: none
};

// Never wider than `width`: the variant's name gives way first, then the end of the line.
std::string progress_line(const Progress& progress, std::size_t width = 100);

}  // namespace seatrial::reports
