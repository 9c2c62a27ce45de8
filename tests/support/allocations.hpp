// How often this thread asked for memory by `new`: operator new is replaced in every test program,
// and counts. Memory that C libraries take by malloc is not in it. The thread sanitizer brings its
// own operator new, so there nothing is counted.
#pragma once

#include <cstddef>

namespace seatrial::test {

[[nodiscard]] bool allocations_are_counted();
[[nodiscard]] std::size_t allocations();  // of this thread so far

}  // namespace seatrial::test
