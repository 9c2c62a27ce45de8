// The garbage-collection pauses that a node's JVM wrote into the node's log. Brokers are started
// with -Xlog:gc:stdout:timenanos,tags, whose times are those of this machine's monotonic clock, in
// containers too; so no clocks have to be compared. Knows the collectors that stop the world and
// say so by "Pause" (serial, parallel, G1); ZGC and Shenandoah name their pauses elsewhere.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace seatrial::run {

struct GcPause {
  Instant from;
  nanoseconds length{0};
  bool full = false;  // of the whole heap
  friend bool operator==(const GcPause&, const GcPause&) = default;
};

// "[24501994778657ns][gc] GC(0) Pause Young (Allocation Failure) 4M->2M(15M) 5.718ms"; nothing for
// any other line.
[[nodiscard]] std::optional<GcPause> parse_gc_line(std::string_view line);

// Of a node's whole log, in its order; a node that was started again goes on in the same log.
// Nothing if no JVM wrote of its collector there, which is not the same as no pause.
[[nodiscard]] std::optional<std::vector<GcPause>> read_gc_pauses(std::istream& log);

}  // namespace seatrial::run
