// What is printed arrives, or is said to be lost.
#include "core/standard_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <iostream>
#include <thread>

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("all that is printed arrives in order") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  REQUIRE(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);  // then writes fail where others would wait
  std::string got;
  std::thread reader([&] {
    std::array<char, 4096> block{};
    for (ssize_t n = 0; (n = read(ends[0], block.data(), block.size())) > 0;)
      got.append(block.data(), static_cast<std::size_t>(n));
  });
  {
    StandardOutput output(ends[1]);
    std::cout << std::string(500'000, 'x') << '\n' << 7 << std::endl;
    CHECK_FALSE(output.finish(seconds(1)));
  }
  close(ends[1]);
  reader.join();
  close(ends[0]);
  CHECK(got == std::string(500'000, 'x') + "\n7\n");
}

TEST_CASE("what a device does not take is said, however it was printed") {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  for (const bool flushed : {false, true}) {
    StandardOutput output(full);
    CHECK_FALSE(output.unusable());
    std::cout << "a";
    if (flushed) std::cout << std::flush;
    CHECK(std::cout.good());
    CHECK(output.finish(seconds(60)) == "No space left on device");  // at once: no disk, no waiting
  }
  close(full);
}

TEST_CASE("a reader that is gone, and a descriptor that takes nothing, are said") {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  close(ends[0]);
  {
    StandardOutput output(ends[1]);
    std::cout << "a" << std::flush << "b";
    CHECK(output.finish(seconds(1)) == "Broken pipe");
  }
  close(ends[1]);
  CHECK(StandardOutput(ends[1]).unusable() == "Bad file descriptor");
  const int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(StandardOutput(read_only).unusable() == "Bad file descriptor");
  close(read_only);
}
