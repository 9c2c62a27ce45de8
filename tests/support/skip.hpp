// Skipping a test that this machine cannot run: `SEATRIAL_SKIP("no container engine answers");`
// prints the line by which ctest knows a skipped test and returns from the test case. .ci/run
// fails on every skip that tests/allowed-skips.txt does not name. Use it for what the machine
// lacks, never for what the code does not do yet.
#pragma once

#include <string>

#include "support/catch.hpp"

namespace seatrial::test {

void announce_skip(const std::string& reason);

}  // namespace seatrial::test

// A macro, because it has to leave the test case itself.
#define SEATRIAL_SKIP(reason)                \
  do {                                       \
    ::seatrial::test::announce_skip(reason); \
    return;                                  \
  } while (false)
