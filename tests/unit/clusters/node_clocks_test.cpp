// What libfaketime is told, and what a JVM says of its clock.
#include "clusters/node_clocks.hpp"

#include <unistd.h>

#include <array>
#include <fstream>

#include "core/check.hpp"
#include "core/file_text.hpp"
#include "support/catch.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a JVM's date is read with its time zone, and nothing else is taken for one") {
  const auto told = parse_jvm_date("2026-11-30T03:03:22.446+0000: 2.817 s");
  REQUIRE(told);
  CHECK(told->time_since_epoch() == milliseconds(1'796'007'802'446));
  CHECK(parse_jvm_date("2026-11-30T05:03:22.446+0200") == told);
  CHECK(parse_jvm_date("2026-11-29T22:33:22.446-0430") == told);
  for (const std::string wrong :
       {"", "2.817 s", "2026-11-30T03:03:22.446", "2026-02-30T03:03:22.446+0000",
        "2026-13-01T03:03:22.446+0000", "2026-11-30 03:03:22.446+0000",
        "2026-11-30T24:03:22.446+0000", "2026-11-30T03:03:22.44x+0000"}) {
    INFO(wrong);
    CHECK_FALSE(parse_jvm_date(wrong));
  }
}

TEST_CASE("libfaketime counts from the process's start: a drift begins where the clock is") {
  CHECK(faketime_line(std::chrono::hours(1), 1, seconds(99)) == "+3600.000000000 x1.000000000");
  CHECK(faketime_line(-seconds(30), 1, seconds(99)) == "-30.000000000 x1.000000000");
  // After 100 s at a rate of 1.01, a clock that began a second behind is right.
  CHECK(faketime_line(seconds(0), 1.01, seconds(100)) == "-1.000000000 x1.010000000");
  CHECK(faketime_line(seconds(5), 0.5, seconds(10)) == "+10.000000000 x0.500000000");
}

TEST_CASE("a node's clock is a file that its processes are started with") {
  const fs::path folder =
      fs::temp_directory_path() / ("seatrial-clocks-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  {
    NodeClocks clocks("/lib/faketime.so", folder);
    CHECK_THROWS_AS(clocks.set(NodeId(1), seconds(1), 1), InfrastructureError);
    CHECK_THROWS_AS(clocks.read(NodeId(1)), InfrastructureError);
    const auto environment = clocks.environment(NodeId(1));
    CHECK(environment.at("LD_PRELOAD") == "/lib/faketime.so");
    CHECK(environment.at("FAKETIME_DONT_FAKE_MONOTONIC") == "1");
    const fs::path file = environment.at("FAKETIME_TIMESTAMP_FILE");
    CHECK(file_text(file) == "+0.000000000 x1.000000000\n");
    clocks.set(NodeId(1), -seconds(30), 1);
    CHECK(file_text(file) == "-30.000000000 x1.000000000\n");
    // A process that is started meanwhile begins with that time.
    static_cast<void>(clocks.environment(NodeId(1)));
    CHECK(file_text(file) == "-30.000000000 x1.000000000\n");
    CHECK(clocks.environment(NodeId(2)).at("FAKETIME_TIMESTAMP_FILE") != file);
  }
  fs::remove_all(folder);
}

TEST_CASE("what the library shares stays while its process may still open it, and no longer") {
  const fs::path folder =
      fs::temp_directory_path() / ("seatrial-clocks-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string pid = std::to_string(::getpid());
  const std::array<fs::path, 2> shared{"/dev/shm/faketime_shm_" + pid,
                                       "/dev/shm/sem.faketime_sem_" + pid};
  {
    NodeClocks clocks("/lib/faketime.so", folder);
    static_cast<void>(clocks.environment(NodeId(1)));
    for (const auto& path : shared) std::ofstream(path) << "x";
    clocks.started(NodeId(1), ::getpid());  // which runs no Java, as one that has just been started
    for (const auto& path : shared) CHECK(fs::exists(path));
  }
  for (const auto& path : shared) CHECK_FALSE(fs::exists(path));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace seatrial::clusters
