// The live line: one line, whatever is known.
#include "reports/progress.hpp"

#include "reports/format.hpp"
#include "support/catch.hpp"

using seatrial::reports::Progress;
using seatrial::reports::progress_line;

TEST_CASE("progress: everything known") {
  const Progress progress{.variant = "acks=1", .trial = 1, .trials = 2, .phase = "measure",
                          .into_s = 12.9, .phase_s = 30, .offered_per_s = 5000.2,
                          .acked_per_s = 4998, .consumed_per_s = 0, .p99_ns = 3'210'000,
                          .fault = "kill leader(orders/0)"};
  CHECK(progress_line(progress, 200) ==
        "acks=1  trial 1 of 2  measure 12 of 30 s  offered 5,000/s  acked 4,998/s  read 0/s  "
        "p99 3.21 ms  ! kill leader(orders/0)");
}

TEST_CASE("progress: nothing but a phase of unknown length") {
  Progress progress;
  progress.variant = "smoke";
  progress.phase = "starting brokers";
  CHECK(progress_line(progress) == "smoke  trial 1 of 1  starting brokers 0 s");
}

TEST_CASE("progress: a long name gives way first, and one line stays one line") {
  Progress progress;
  progress.variant = std::string(300, 'v') + "\n";
  progress.phase = "measure";
  progress.fault = "pause\x1b[2J followers";
  const auto line = progress_line(progress, 80);
  CHECK(seatrial::reports::width_of(line) == 80);
  CHECK(line.find("! pause [2J followers") != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(seatrial::reports::width_of(progress_line(progress, 20)) == 20);
}
