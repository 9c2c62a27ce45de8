// What the generator's machine did to the measurement: a hiccup meter, and samples of steal, CPU
// pressure and the harness's own CPU time.
//
//   HiccupMeter meter(measure_start);          // one thread per core from here on
//   const MachineSample before = sample_machine();
//   ...
//   const HiccupReport hiccups = meter.stop();
//   const MachineUse use = use_between(before, sample_machine());
//
// Each thread sleeps for 1 ms, again and again; a hiccup is how much longer than the shortest gap
// it ever saw a gap was. It sees what delays threads (steal, throttling, a busy core, a stopped
// process), not what delays disks or networks. Nothing is judged here; a value that the system does
// not offer is absent.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "measure/histogram.hpp"

namespace seatrial::measure {

struct HiccupReport {
  Histogram histogram = Histogram::latency();
  // Second since `zero` -> longest hiccup in it, in nanoseconds.
  std::map<std::int64_t, std::int64_t> max_by_second;
  int threads = 0;
  [[nodiscard]] std::int64_t max_ns() const;  // exact, unlike the histogram's; 0 if none
  void add(const HiccupReport& other);
};

// The arithmetic of one meter thread; no clock is read here.
class HiccupTally {
 public:
  explicit HiccupTally(std::int64_t zero_ns) : zero_ns_(zero_ns) {}
  // The thread asked for `interval_ns` of sleep at `from_ns` and ran again at `to_ns`.
  void observe(std::int64_t from_ns, std::int64_t to_ns, std::int64_t interval_ns);
  [[nodiscard]] HiccupReport report() const;

 private:
  std::int64_t zero_ns_;
  std::int64_t shortest_ns_ = INT64_MAX;
  HiccupReport report_;
};

class HiccupMeter {
 public:
  // Starts one thread on each core that this process may run on. `zero` is second 0 of the report.
  explicit HiccupMeter(Instant zero);
  ~HiccupMeter();
  HiccupMeter(const HiccupMeter&) = delete;
  HiccupMeter& operator=(const HiccupMeter&) = delete;
  // Ends the threads and adds up what they saw. To be called once.
  [[nodiscard]] HiccupReport stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Running totals at one moment; only differences mean something.
struct MachineSample {
  Instant at;
  struct CpuTicks {
    std::uint64_t total = 0;
    std::uint64_t steal = 0;
  };
  std::optional<CpuTicks> ticks;                  // /proc/stat, all cores
  std::optional<std::int64_t> pressure_some_us;   // /proc/pressure/cpu: some task waited for a core
  double generator_cpu_s = 0;                     // user and system time of this process
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
};

struct MachineUse {
  std::optional<double> steal_share;      // of all cores' time, 0 to 1
  std::optional<double> pressure_share;   // of the time, 0 to 1
  double generator_cpu_s = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
};

[[nodiscard]] MachineSample sample_machine();
[[nodiscard]] MachineUse use_between(const MachineSample& from, const MachineSample& to);

// The text of /proc/stat and /proc/pressure/cpu; nothing if it does not say.
[[nodiscard]] std::optional<MachineSample::CpuTicks> parse_cpu_ticks(std::string_view proc_stat);
[[nodiscard]] std::optional<std::int64_t> parse_pressure_some_us(std::string_view pressure);

}  // namespace seatrial::measure
