// The parsing of /proc, and what two samples of it say.
#include "measure/machine.hpp"

#include <unistd.h>

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::measure;
using namespace std::chrono_literals;

TEST_CASE("machine: steal is the eighth number of the first line of /proc/stat") {
  const auto ticks = parse_cpu_ticks(
      "cpu  10 20 30 400 5 6 7 80 9 9\n"
      "cpu0 1 2 3 4 5 6 7 8 9 10\n");
  REQUIRE(ticks);
  CHECK(ticks->steal == 80);
  CHECK(ticks->total == 558);
  CHECK(ticks->idle == 405);
  CHECK_FALSE(parse_cpu_ticks(""));
  CHECK_FALSE(parse_cpu_ticks("cpu  10 20 30 400\n"));
  CHECK_FALSE(parse_cpu_ticks("cpu0 1 2 3 4 5 6 7 8 9 10\n"));
  CHECK_FALSE(parse_cpu_ticks("cpu  10 20 x 400 5 6 7 80\n"));
}

TEST_CASE("machine: pressure is the total of the line 'some'") {
  CHECK(parse_pressure_some_us("some avg10=0.00 avg60=0.12 avg300=0.00 total=987654321\n"
                               "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n") == 987'654'321);
  CHECK_FALSE(parse_pressure_some_us(""));
  CHECK_FALSE(parse_pressure_some_us("full avg10=0.00 total=5\n"));
  CHECK_FALSE(parse_pressure_some_us("some avg10=0.00\n"));
}

TEST_CASE("machine: a disk was busy for the tenth count of its line, those in memory never") {
  const auto busy = parse_disk_busy_ms(
      "   7       0 loop0 1 2 3 4 5 6 7 8 9 10 11\n"
      " 254       0 vda 1503593 90327 46003770 8721271 411175 263007 8680 6585 0 335488 94446\n"
      " 254       1 vda1 1 0 8 0 1 0 8 0 0 17\n"
      " 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0\n"
      " 254       2 vda2 1 0\n");
  CHECK(busy.size() == 2);
  CHECK(busy.at("vda") == 335488);
  CHECK(busy.at("vda1") == 17);
  CHECK(parse_disk_busy_ms("").empty());
}

TEST_CASE("machine: of disks the one that was busy most tells") {
  MachineSample from, to;
  to.at = from.at + 2s;
  CHECK_FALSE(use_between(from, to).disk_busy_share);
  from.disk_busy_ms = {{"sda", 100}, {"sdb", 5000}, {"gone", 9}};
  to.disk_busy_ms = {{"sda", 600}, {"sdb", 5100}, {"fresh", 90'000}};
  CHECK(use_between(from, to).disk_busy_share.value() == Approx(0.25));
  to.disk_busy_ms["sda"] = 90'000;  // counted by two cores at once
  CHECK(use_between(from, to).disk_busy_share.value() == 1);
}

TEST_CASE("machine: shares are differences over the interval, and absent where not known") {
  MachineSample from;
  MachineSample to;
  to.at = from.at + 2s;
  to.generator_cpu_s = 1.5;
  from.generator_cpu_s = 1;
  to.involuntary_switches = 7;
  CHECK_FALSE(use_between(from, to).steal_share);
  CHECK_FALSE(use_between(from, to).pressure_share);
  from.ticks = {.total = 1000, .idle = 500, .steal = 10};
  to.ticks = {.total = 1400, .idle = 600, .steal = 30};
  from.pressure_some_us = 100;
  to.pressure_some_us = 200'100;
  from.io_pressure_us = 0;
  to.io_pressure_us = 1'000'000;
  const MachineUse use = use_between(from, to);
  CHECK(use.steal_share.value() == Approx(0.05));
  CHECK(use.pressure_share.value() == Approx(0.1));
  CHECK(use.io_pressure_share.value() == Approx(0.5));
  CHECK_FALSE(use.memory_pressure_share);
  CHECK(use.busy_share.value() == Approx(0.75));
  CHECK(use.generator_cpu_s == Approx(0.5));
  CHECK(use.involuntary_switches == 7);
  CHECK_FALSE(use_between(to, to).steal_share);
}

TEST_CASE("machine: a sample of this machine has the process's CPU time, growing") {
  const MachineSample from = sample_machine();
  volatile double sink = 0;
  while (sample_machine().generator_cpu_s == from.generator_cpu_s) sink = sink + 1;
  CHECK(use_between(from, sample_machine()).generator_cpu_s > 0);
}

TEST_CASE("machine: a line of /proc/meminfo is taken by its whole name") {
  const std::string_view text =
      "MemFree:          100 kB\nSwapCached:          7 kB\nCached:          12 kB\n";
  CHECK(parse_meminfo(text, "Cached") == 12 * 1024);
  CHECK_FALSE(parse_meminfo(text, "Dirty"));
  CHECK_FALSE(parse_meminfo("Cached: x kB\n", "Cached"));
}

TEST_CASE("process: CPU, memory and major faults are found behind any name") {
  const auto sample = parse_process_stat(
      "42 (java) ) S 1 42 42 0 -1 4194304 900 0 17 0 150 50 0 0 20 0 60 0 1234 9000000 256 18446",
      100, 4096);
  REQUIRE(sample);
  CHECK(sample->cpu_s == Approx(2.0));
  CHECK(sample->major_faults == 17);
  CHECK(sample->rss_bytes == 256 * 4096);
  // Dead, and not yet reaped by its parent.
  CHECK_FALSE(parse_process_stat(
      "42 (java) Z 1 42 42 0 -1 4194304 900 0 17 0 150 50 0 0 20 0 60 0 1234 0 0 18446", 100,
      4096));
  CHECK_FALSE(parse_process_stat("", 100, 4096));
  CHECK_FALSE(parse_process_stat("42 (java) S 1 42", 100, 4096));
}

TEST_CASE("process: bytes to disks, not those to sockets") {
  ProcessSample sample;
  parse_process_io(
      "rchar: 1\nwchar: 2\nread_bytes: 4096\nwrite_bytes: 8192\n"
      "cancelled_write_bytes: 5\n",
      sample);
  CHECK(sample.read_bytes == 4096U);
  CHECK(sample.write_bytes == 8192U);
  ProcessSample none;
  parse_process_io("", none);
  CHECK_FALSE(none.write_bytes);
}

TEST_CASE("process: a network is the sum of its devices without loopback") {
  ProcessSample sample;
  parse_net_dev(
      "Inter-|   Receive                 |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes packets\n"
      "    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0\n"
      "  eth0: 100 1 0 0 0 0 0 0 30 1 0 0 0 0 0 0\n"
      "  eth1:  20 1 0 0 0 0 0 0  4 1 0 0 0 0 0 0\n",
      sample);
  CHECK(sample.net_in_bytes == 120U);
  CHECK(sample.net_out_bytes == 34U);
  ProcessSample none;
  parse_net_dev("    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0\n", none);
  CHECK_FALSE(none.net_in_bytes);
}

TEST_CASE("process: a sample of this process has its memory, and shares this machine's network") {
  const auto sample = sample_process(::getpid());
  REQUIRE(sample);
  CHECK(sample->rss_bytes > 0);
  CHECK_FALSE(sample->net_in_bytes);
  CHECK_FALSE(sample_process(-1));
}
