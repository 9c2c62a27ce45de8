// The garbage-collection pauses that a node's JVM wrote into the node's log. Brokers are started
// with -Xlog:gc:stdout:timenanos,tags, whose times are those of this machine's monotonic clock, in
// containers too; so no clocks have to be compared. Knows the pauses of serial, parallel, G1 and
// Shenandoah, and those of ZGC, with one generation or two, where its log has them
// (-Xlog:gc,gc+phases). A thread that waits for memory while the others go on (ZGC's allocation
// stall) is no pause.
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
// Nothing if no JVM wrote of its collector there, or if it is ZGC and its pauses are not: that is
// not the same as no pause.
[[nodiscard]] std::optional<std::vector<GcPause>> read_gc_pauses(std::istream& log);

}  // namespace seatrial::run
