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

// As OpenJDK 17 and 25 wrote them.
TEST_CASE("pauses of collectors that work beside the program") {
  const std::pair<const char*, int> lines[] = {
      {"[42831511041750ns][gc] GC(0) Pause Init Mark (unload classes) 0.026ms", 26},
      {"[42831519295506ns][gc          ] GC(0) Pause Final Mark (unload classes) 0.034ms", 34},
      {"[42834058325788ns][gc          ] GC(0) Pause Final Update Refs 0.044ms", 44},
      {"[42831600000000ns][gc] GC(3) Pause Degenerated GC (Outside of Cycle) 37M->3M(48M) 9.5ms",
       9500},
      {"[42829468714095ns][gc,phases   ] GC(0) Pause Mark Start 0.016ms", 16},
      {"[42854120731863ns][gc,phases   ] GC(0) Y: Pause Mark Start (Major) 0.024ms", 24},
      {"[42854163374036ns][gc,phases   ] GC(0) O: Pause Mark End 0.010ms", 10},
      {"[42854168420687ns][gc,phases   ] GC(1) y: Pause Relocate Start 0.003ms", 3}};
  for (const auto& [line, length_us] : lines) {
    INFO(line);
    const auto pause = parse_gc_line(line);
    REQUIRE(pause);
    CHECK(pause->length == std::chrono::microseconds(length_us));
    CHECK_FALSE(pause->full);
  }
}

TEST_CASE("what goes on beside the program is no pause, nor is a table of them") {
  for (const char* line :
       {"[42833926591306ns][gc,start    ] GC(0) Pause Init Mark (unload classes)",
        "[42834060242558ns][gc,stats    ] Pause Init Mark (G)                6936 us",
        "[42831510908471ns][gc] GC(0) Concurrent reset 0.027ms",
        "[42853455959739ns][gc] Allocation Stall (main) 0.583ms",
        "[42853428206248ns][gc] GC(0) Major Collection (Warmup) 6M(12%)->38M(79%) 0.451s",
        "[42854831659522ns][gc,stats    ]         Old Pause: Pause Mark End     "
        "0.049 / 0.820         0.049 / 0.820         0.049 / 0.820         0.049 / 0.820       ms",
        "[42854163374036ns][gc,phases   ] GC(0) O: Concurrent Mark 3.010ms"}) {
    INFO(line);
    CHECK_FALSE(parse_gc_line(line));
  }
}

TEST_CASE("ZGC whose log leaves its pauses out tells nothing of them") {
  const std::string start = "[42823454931862ns][gc] Using The Z Garbage Collector\n";
  std::istringstream without(
      start + "[42827082495704ns][gc] GC(0) Garbage Collection (Warmup) 18M(38%)->24M(50%)\n");
  CHECK_FALSE(read_gc_pauses(without));
  std::istringstream with(start +
                          "[42829468714095ns][gc,phases   ] GC(0) Pause Mark Start 0.016ms\n");
  const auto pauses = read_gc_pauses(with);
  REQUIRE(pauses);
  CHECK(pauses->size() == 1);
}

TEST_CASE("what is no pause is none") {
  for (const char* line :
       {"", "[gc] GC(0) Pause Young 1.0ms", "[12ns][gc] Using Serial",
        "[12ns][gc] GC(3) Concurrent Mark Cycle 12.0ms", "[12ns][gc] GC(3) Pause Young 4M->2M(8M)",
        "[12ns][gc] GC(3) Pause Young xms", "[2026-11-21 10:00:00,000] INFO Pause 5.0ms",
        "[x12ns][gc] GC(0) Pause Young (a) 4M->2M(15M) 5.7ms", "[12ns][gc GC(0) Pause 1.0ms",
        // Longer than its clock has run, or no length at all.
        "[12ns][gc] GC(0) Pause Young 5.7ms", "[12ns][gc] GC(0) Pause Young 1e300ms",
        "[12ns][gc] GC(0) Pause Young infms", "[12ns][gc] GC(0) Pause Young nanms",
        "[-9223372036854775807ns][gc] GC(0) Pause Young 1.0ms"}) {
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
