// A control that cannot have changed between the halves of a pair: how long the same piece of work
// takes on this machine. Where it moved, what else was measured may have moved with it.
#pragma once

namespace seatrial::gate {

// Nanoseconds for each recording into a histogram of ours, on average over half a second on every
// core at once; to be called when nothing else runs on the machine.
[[nodiscard]] double calibration_ns();

}  // namespace seatrial::gate
