// The line by which ctest and .ci/run know a skipped test.
#include "support/skip.hpp"

#include <cstdio>

namespace seatrial::test {

void announce_skip(const std::string& reason) {
  std::printf("seatrial: skipped: %s\n", reason.c_str());
  std::fflush(stdout);  // before anything can abort: without the line the test would be green
}

}  // namespace seatrial::test
