// How often this thread asked for memory by `new`: operator new is replaced in every test program,
// and counts. Memory that C libraries take by malloc is not in it. The thread sanitizer brings its
// own operator new, so there nothing is counted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace seatrial::test {

[[nodiscard]] bool allocations_are_counted();
[[nodiscard]] std::size_t allocations();  // of this thread so far

// Those of a lane that hands over `messages`, from a time when every buffer has its size until
// shortly before the end: `handed_over` is told of each handing over, and how many came before.
struct SteadyAllocations {
  std::uint64_t messages = 0;
  std::uint64_t from = 0, to = 0;
  std::size_t at_from = 0, at_to = 0;
  void handed_over(std::uint64_t handed) {
    if (handed < messages / 3) {
      from = handed;
      at_from = allocations();
    }
    to = handed;
    at_to = allocations();
  }
  [[nodiscard]] std::uint64_t handed() const { return to - from; }
  [[nodiscard]] std::size_t count() const { return at_to - at_from; }
};

}  // namespace seatrial::test
