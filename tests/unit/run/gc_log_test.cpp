// Lines of JVMs' collectors among those of a broker.
#include "run/gc_log.hpp"

#include <sstream>

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

TEST_CASE("a pause begins its length before the line's time") {
  const auto pause = parse_gc_line(
      "[24501994778657ns][gc] GC(0) Pause Young (Allocation Failure) 4M->2M(15M) 5.718ms");
  REQUIRE(pause);
  CHECK(pause->length == nanoseconds(5'718'000));
  CHECK(to_ns(pause->from) == 24'501'994'778'657 - 5'718'000);
  CHECK_FALSE(pause->full);
}

TEST_CASE("pauses of other collectors and of the whole heap") {
  const auto g1 = parse_gc_line(
      "[5000000000ns][gc      ] GC(7) Pause Young (Normal) (G1 Evacuation Pause) "
      "24M->5M(512M) 3.214ms\r");
  REQUIRE(g1);
  CHECK(g1->length == nanoseconds(3'214'000));
  const auto full =
      parse_gc_line("[5000000000ns][gc] GC(9) Pause Full (Allocation Failure) 1M->1M(8M) 40.000ms");
  REQUIRE(full);
  CHECK(full->full);
}

TEST_CASE("what is no pause is none") {
  for (const char* line :
       {"", "[gc] GC(0) Pause Young 1.0ms", "[12ns][gc] Using Serial",
        "[12ns][gc] GC(3) Concurrent Mark Cycle 12.0ms", "[12ns][gc] GC(3) Pause Young 4M->2M(8M)",
        "[12ns][gc] GC(3) Pause Young xms", "[2026-11-21 10:00:00,000] INFO Pause 5.0ms",
        "[x12ns][gc] GC(0) Pause Young (a) 4M->2M(15M) 5.7ms", "[12ns][gc GC(0) Pause 1.0ms"}) {
    INFO(line);
    CHECK_FALSE(parse_gc_line(line));
  }
}

TEST_CASE("a log without a word of the collector tells nothing of pauses") {
  std::istringstream silent("[2026-11-21] INFO started\n");
  CHECK_FALSE(read_gc_pauses(silent));
  std::istringstream none("[12ns][gc] Using Serial\n[2026-11-21] INFO started\n");
  const auto no_pause = read_gc_pauses(none);
  REQUIRE(no_pause);
  CHECK(no_pause->empty());
  std::istringstream two(
      "[10000000ns][gc] Using Serial\n"
      "[20000000ns][gc] GC(0) Pause Young (Allocation Failure) 4M->2M(15M) 1.000ms\n"
      "[2026-11-21] INFO [gc] in between\n"
      "[30000000ns][gc] Using Serial\n"
      "[50000000ns][gc] GC(0) Pause Young (Allocation Failure) 4M->2M(15M) 2.000ms\n");
  const auto pauses = read_gc_pauses(two);
  REQUIRE(pauses);
  REQUIRE(pauses->size() == 2);
  CHECK((*pauses)[1].length == milliseconds(2));
}

}  // namespace
}  // namespace seatrial::run
