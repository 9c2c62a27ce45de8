// What the generator's machine did to the measurement: a hiccup meter.
//
//   HiccupMeter meter(measure_start, milliseconds(4));   // one thread per core from here on
//   ...
//   const HiccupReport hiccups = meter.stop();
//
// Each thread sleeps for the interval, again and again; a hiccup is how much longer than the
// shortest gap it ever saw a gap was. It sees what delays threads (steal, throttling, a busy core,
// a stopped process), not what delays disks or networks. A hang that begins while the thread sleeps
// shows by as much as it outlasts that sleep: all that are longer than the interval do, of shorter
// ones so many as it is long beside it, and percentiles of all moments stay what they are. Nothing
// is judged here.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/time.hpp"
#include "measure/by_second.hpp"
#include "measure/histogram.hpp"

namespace seatrial::measure {

struct HiccupReport {
  Histogram histogram = Histogram::latency();
  BySecond<std::int64_t> max_by_second;  // since `zero`: the longest hiccup in it, in nanoseconds
  int threads = 0;
  struct Core {
    int core = -1;  // -1: the thread was bound to none
    std::int64_t p999_ns = 0;
    std::int64_t max_ns = 0;
  };
  std::vector<Core> cores;  // of a meter, when it was stopped
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
  HiccupMeter(Instant zero, nanoseconds interval);
  ~HiccupMeter();
  HiccupMeter(const HiccupMeter&) = delete;
  HiccupMeter& operator=(const HiccupMeter&) = delete;
  // Ends the threads and adds up what they saw. To be called once.
  [[nodiscard]] HiccupReport stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seatrial::measure
