// What the machine and the generator's own process used: samples of running totals from /proc, and
// what lies between two of them.
//
//   const MachineSample before = sample_machine();
//   ...
//   const MachineUse use = use_between(before, sample_machine());
//
// Nothing is judged here; a value that the system does not offer is absent, never zero.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace seatrial::measure {

// Running totals at one moment (only differences mean something), and two levels.
struct MachineSample {
  Instant at;
  struct CpuTicks {
    std::uint64_t total = 0;
    std::uint64_t idle = 0;  // waiting for a disk included
    std::uint64_t steal = 0;
    std::uint64_t worked = 0;  // for processes and kernel threads, interrupts left out
  };
  std::optional<CpuTicks> ticks;  // /proc/stat, all cores
  // /proc/pressure: microseconds in which some task waited for a core, for memory, for a disk.
  std::optional<std::int64_t> pressure_some_us, memory_pressure_us, io_pressure_us;
  // /proc/diskstats: milliseconds in which each block device had requests under way, by its name.
  std::map<std::string, std::uint64_t, std::less<>> disk_busy_ms;
  std::optional<std::uint64_t> cached_bytes;  // page cache
  std::optional<std::uint64_t> dirty_bytes;   // of it, not yet on disk
  std::optional<std::uint64_t> generator_rss_bytes;  // memory of this process
  double generator_cpu_s = 0;                 // user and system time of this process
  std::int64_t voluntary_switches = 0;        // of this process: it waited
  std::int64_t involuntary_switches = 0;      // of this process: its core was taken away
};

struct MachineUse {
  std::optional<double> busy_share;   // of all cores' time, 0 to 1
  std::optional<double> steal_share;  // of all cores' time, 0 to 1
  // Of the time, 0 to 1.
  std::optional<double> pressure_share, memory_pressure_share, io_pressure_share;
  std::optional<double> disk_busy_share;  // of the device that was busy most
  double generator_cpu_s = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
};

[[nodiscard]] MachineSample sample_machine();
[[nodiscard]] MachineUse use_between(const MachineSample& from, const MachineSample& to);

// The text of /proc/stat and of a file below /proc/pressure; nothing if it does not say.
[[nodiscard]] std::optional<MachineSample::CpuTicks> parse_cpu_ticks(std::string_view proc_stat);
[[nodiscard]] std::optional<std::int64_t> parse_pressure_some_us(std::string_view pressure);
// The text of /proc/diskstats, devices in memory and loops left out.
[[nodiscard]] std::map<std::string, std::uint64_t, std::less<>> parse_disk_busy_ms(
    std::string_view diskstats);
// A line of /proc/meminfo, as in "Cached:          123456 kB", in bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_meminfo(std::string_view meminfo,
                                                         std::string_view name);

// One process, as /proc/PID tells of it; of another user's process some of it is absent.
struct ProcessSample {
  Instant at;
  int pid = 0;
  std::string name;  // at most 15 characters
  bool kernel_thread = false;
  double cpu_s = 0;  // user and system time
  std::uint64_t rss_bytes = 0;
  std::uint64_t major_faults = 0;  // pages it had to wait for a disk for
  // What it made the disks read and write; to files in memory (tmpfs) as well as 0.
  std::optional<std::uint64_t> read_bytes, write_bytes;
  // Of its network, loopback left out; only where the process has a network of its own (in a
  // container): any other shares this machine's.
  std::optional<std::uint64_t> net_in_bytes, net_out_bytes;
};

// Nothing if there is no such process.
[[nodiscard]] std::optional<ProcessSample> sample_process(int pid);

// The texts of /proc/PID/stat, io and net/dev.
[[nodiscard]] std::optional<ProcessSample> parse_process_stat(std::string_view stat,
                                                              double ticks_per_s,
                                                              std::uint64_t page_bytes);
void parse_process_io(std::string_view io, ProcessSample& into);
void parse_net_dev(std::string_view net_dev, ProcessSample& into);

}  // namespace seatrial::measure
