// A control that cannot have changed between the halves of a pair: how long the same piece of work
// takes on this machine. Where it moved, what else was measured may have moved with it.
#pragma once

namespace seatrial::gate {

// Nanoseconds for each recording into a histogram of ours, the best of many short rounds on every
// core at once: about 0.2 s of the whole machine, to be called when nothing else runs on it.
[[nodiscard]] double calibration_ns();

}  // namespace seatrial::gate
