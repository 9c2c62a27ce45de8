// When the phases of a trial change, and what a lane has done so far: what all lanes of a trial
// share with the harness, whatever process they live in.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/time.hpp"

namespace seatrial {

// Shared by all lanes of a trial, also those in processes of their own: when the phases change, in
// steady-clock nanoseconds. The start of measure is not known while clients warm up: it is set
// once, ahead of its time, and lies whole seconds after the origin, so that seconds can be counted
// before.
struct TrialClock {
  static constexpr std::int64_t undecided = INT64_MAX;

  std::int64_t start_ns = 0;   // intended time 0: the start of warmup
  std::int64_t origin_ns = 0;  // the earliest start of measure; recorders count seconds from here
  std::atomic<std::int64_t> measure_ns{undecided};  // the start of measure; `t = 0` of every report
  std::atomic<std::int64_t> intend_until_ns{INT64_MAX};  // nothing is intended at or after this
  std::atomic<std::int64_t> settle_until_ns{
      INT64_MAX};  // set when settling starts: what is open then is unknown
  std::atomic<bool> consumers_stop{false};  // set when producers have settled

  [[nodiscard]] bool decided() const { return measure_ns != undecided; }
  // Whether it is that long, or longer, since measure began.
  [[nodiscard]] bool reached(nanoseconds since_measure) const {
    return decided() && to_ns(now()) - measure_ns >= since_measure.count();
  }
  // Seconds from the origin to the start of measure, which is decided.
  [[nodiscard]] std::int64_t waited_s() const { return (measure_ns - origin_ns) / 1'000'000'000; }
};

// Counters that the lane writes and others poll (triggers, live progress, the series). Relaxed:
// each is a running total, read for its rough present value only. In memory that processes share.
struct LaneCounters {
  std::atomic<std::uint64_t> due{0};     // intended times that have passed
  std::atomic<std::uint64_t> handed{0};  // accepted by the client library
  std::atomic<std::uint64_t> sent{0};    // acks=0: settled without an answer
  std::atomic<std::uint64_t> acked{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> unknown{0};
  std::atomic<std::uint64_t> consumed{0};
  std::atomic<std::uint64_t> backpressure_ns{
      0};                                // waiting with a message due and the client's queue full
  std::atomic<std::uint64_t> cpu_ns{0};  // of the lane's own processes; 0: it is a thread
  std::atomic<std::uint64_t> throttle_ns{0};  // that brokers told the client to wait, for quotas
};

}  // namespace seatrial
