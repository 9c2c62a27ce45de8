// Threads that do nothing but sleep.
#include "measure/hiccup.hpp"

#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t whole_seconds_down(std::int64_t ns) {
  return ns / second_ns - (ns % second_ns < 0 ? 1 : 0);
}

}  // namespace

std::int64_t HiccupReport::max_ns() const {
  std::int64_t longest = 0;
  max_by_second.for_each([&](std::int64_t, std::int64_t max) { longest = std::max(longest, max); });
  return longest;
}

void HiccupReport::add(const HiccupReport& other) {
  histogram.add(other.histogram);
  threads += other.threads;
  cores.insert(cores.end(), other.cores.begin(), other.cores.end());
  other.max_by_second.for_each([this](std::int64_t second, std::int64_t max) {
    std::int64_t& here = max_by_second[second];
    here = std::max(here, max);
  });
}

void HiccupTally::observe(std::int64_t from_ns, std::int64_t to_ns, std::int64_t interval_ns) {
  const std::int64_t gap = to_ns - from_ns;
  shortest_ns_ = std::min(shortest_ns_, gap);
  const std::int64_t hiccup = gap - shortest_ns_;
  report_.histogram.record(hiccup);
  // While it hung, the thread could not take the samples that would have seen the rest of the hang;
  // they are added, or a hang of 500 ms would be one sample among hundreds of thousands.
  for (std::int64_t rest = hiccup - interval_ns; rest >= interval_ns; rest -= interval_ns) {
    report_.histogram.record(rest);
  }
  // Every second that the gap touches was disturbed, not only the one it ended in.
  const std::int64_t last = whole_seconds_down(to_ns - zero_ns_);
  for (std::int64_t second = whole_seconds_down(from_ns - zero_ns_); second <= last; ++second) {
    std::int64_t& longest = report_.max_by_second[second];
    longest = std::max(longest, hiccup);
  }
}

HiccupReport HiccupTally::report() const {
  HiccupReport report = report_;
  report.threads = 1;
  return report;
}

struct HiccupMeter::State {
  std::vector<int> cores;               // of each thread; -1: not pinned
  std::vector<HiccupTally> tallies;     // one for each thread, its own until the thread has ended
  std::vector<std::jthread> threads;    // ended first
};

namespace {

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int core = 0; core < CPU_SETSIZE; ++core) {
      if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
  }
  // More cores than cpu_set_t holds, or none told: one thread that runs where it may.
  if (cores.empty()) cores.push_back(-1);
  return cores;
}

void measure_core(const std::stop_token& stop, int core, nanoseconds interval, HiccupTally& tally) {
  if (core >= 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    // Refused where the allowed cores change under us; an unpinned thread still sees hiccups.
    (void)sched_setaffinity(0, sizeof one, &one);
  }
  // The kernel's default slack of 50 us would be measured as hiccups.
  (void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  std::int64_t from = to_ns(now());
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(interval);
    const std::int64_t to = to_ns(now());
    tally.observe(from, to, interval.count());
    from = to;
  }
}

}  // namespace

HiccupMeter::HiccupMeter(Instant zero, nanoseconds interval) : state_(std::make_unique<State>()) {
  state_->cores = allowed_cores();
  const std::vector<int>& cores = state_->cores;
  state_->tallies.assign(cores.size(), HiccupTally(to_ns(zero)));
  for (std::size_t i = 0; i < cores.size(); ++i) {
    state_->threads.emplace_back(
        [core = cores[i], interval, tally = &state_->tallies[i]](const std::stop_token& stop) {
          measure_core(stop, core, interval, *tally);
        });
  }
}

HiccupMeter::~HiccupMeter() = default;

HiccupReport HiccupMeter::stop() {
  check(state_ != nullptr, "a hiccup meter is stopped once");
  const std::unique_ptr<State> state = std::move(state_);
  for (std::jthread& thread : state->threads) thread.request_stop();
  for (std::jthread& thread : state->threads) thread.join();
  HiccupReport sum;
  for (std::size_t i = 0; i < state->tallies.size(); ++i) {
    const HiccupReport one = state->tallies[i].report();
    sum.add(one);
    sum.cores.push_back(
        {.core = state->cores[i], .p999_ns = one.histogram.value_at(99.9), .max_ns = one.max_ns()});
  }
  return sum;
}

}  // namespace seatrial::measure
