// Threads that do nothing but sleep, and the files of /proc that say who kept them from waking.
#include "measure/hiccup.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr nanoseconds sleep_interval = milliseconds(1);
constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t whole_seconds_down(std::int64_t ns) {
  return ns / second_ns - (ns % second_ns < 0 ? 1 : 0);
}

}  // namespace

std::int64_t HiccupReport::max_ns() const {
  std::int64_t longest = 0;
  for (const auto& [second, max] : max_by_second) longest = std::max(longest, max);
  return longest;
}

void HiccupReport::add(const HiccupReport& other) {
  histogram.add(other.histogram);
  threads += other.threads;
  for (const auto& [second, max] : other.max_by_second) {
    std::int64_t& here = max_by_second[second];
    here = std::max(here, max);
  }
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

void measure_core(const std::stop_token& stop, int core, HiccupTally& tally) {
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
    std::this_thread::sleep_for(sleep_interval);
    const std::int64_t to = to_ns(now());
    tally.observe(from, to, sleep_interval.count());
    from = to;
  }
}

}  // namespace

HiccupMeter::HiccupMeter(Instant zero) : state_(std::make_unique<State>()) {
  const std::vector<int> cores = allowed_cores();
  state_->tallies.assign(cores.size(), HiccupTally(to_ns(zero)));
  for (std::size_t i = 0; i < cores.size(); ++i) {
    state_->threads.emplace_back(
        [core = cores[i], tally = &state_->tallies[i]](const std::stop_token& stop) {
          measure_core(stop, core, *tally);
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
  for (const HiccupTally& tally : state->tallies) sum.add(tally.report());
  return sum;
}

// --- the machine ---

namespace {

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Takes the next blank-separated word off the front; empty at the end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number_of(std::string_view word) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (code != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

// The first line that starts with `word` and a blank, without it.
std::optional<std::string_view> line_of(std::string_view text, std::string_view word) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.size() > word.size() && line.starts_with(word) && line[word.size()] == ' ') {
      return line.substr(word.size());
    }
  }
  return std::nullopt;
}

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

}  // namespace

std::optional<MachineSample::CpuTicks> parse_cpu_ticks(std::string_view proc_stat) {
  // cpu user nice system idle iowait irq softirq steal ...; what follows is in user already.
  constexpr std::size_t fields_to_steal = 8;
  auto line = line_of(proc_stat, "cpu");
  if (!line) return std::nullopt;
  MachineSample::CpuTicks ticks;
  for (std::size_t i = 0; i < fields_to_steal; ++i) {
    const auto number = number_of(take_word(*line));
    if (!number) return std::nullopt;
    ticks.total += *number;
    ticks.steal = *number;
  }
  return ticks;
}

std::optional<std::int64_t> parse_pressure_some_us(std::string_view pressure) {
  constexpr std::string_view key = "total=";
  auto line = line_of(pressure, "some");
  if (!line) return std::nullopt;
  for (std::string_view word = take_word(*line); !word.empty(); word = take_word(*line)) {
    if (!word.starts_with(key)) continue;
    const auto number = number_of(word.substr(key.size()));
    if (number) return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

MachineSample sample_machine() {
  MachineSample sample;
  sample.at = now();
  sample.ticks = parse_cpu_ticks(text_of("/proc/stat"));
  sample.pressure_some_us = parse_pressure_some_us(text_of("/proc/pressure/cpu"));
  rusage usage{};
  check(getrusage(RUSAGE_SELF, &usage) == 0, "the process can read its own resource usage");
  sample.generator_cpu_s = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  sample.voluntary_switches = usage.ru_nvcsw;
  sample.involuntary_switches = usage.ru_nivcsw;
  return sample;
}

MachineUse use_between(const MachineSample& from, const MachineSample& to) {
  MachineUse use;
  use.generator_cpu_s = to.generator_cpu_s - from.generator_cpu_s;
  use.voluntary_switches = to.voluntary_switches - from.voluntary_switches;
  use.involuntary_switches = to.involuntary_switches - from.involuntary_switches;
  // Too short an interval has no ticks; then the share is unknown, not zero.
  if (from.ticks && to.ticks && to.ticks->total > from.ticks->total &&
      to.ticks->steal >= from.ticks->steal) {
    use.steal_share = static_cast<double>(to.ticks->steal - from.ticks->steal) /
                      static_cast<double>(to.ticks->total - from.ticks->total);
  }
  const auto length_us = static_cast<double>((to.at - from.at).count()) / 1e3;
  if (from.pressure_some_us && to.pressure_some_us && length_us > 0) {
    use.pressure_share =
        static_cast<double>(*to.pressure_some_us - *from.pressure_some_us) / length_us;
  }
  return use;
}

}  // namespace seatrial::measure
