// The files of /proc, read whole and picked apart.
#include "measure/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/check.hpp"
#include "core/file_text.hpp"

namespace seatrial::measure {

namespace {

std::string text_of(const std::string& path) { return file_text(path).value_or(""); }

// Takes the next blank-separated word off the front; empty at the end.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
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
    const std::string_view line = take_line(text);
    if (line.size() > word.size() && line.starts_with(word) && line[word.size()] == ' ') {
      return line.substr(word.size());
    }
  }
  return std::nullopt;
}

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::optional<double> share(std::optional<std::int64_t> from, std::optional<std::int64_t> to,
                            double length_us) {
  if (!from || !to || length_us <= 0) return std::nullopt;
  return static_cast<double>(*to - *from) / length_us;
}

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)); }

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
    if (i <= 2) ticks.worked += *number;
    if (i == 3 || i == 4) ticks.idle += *number;
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

std::map<std::string, std::uint64_t, std::less<>> parse_disk_busy_ms(std::string_view diskstats) {
  // major minor name, then eleven counts and more, of which the tenth is the time with I/O.
  constexpr int counts_before = 9;
  std::map<std::string, std::uint64_t, std::less<>> out;
  while (!diskstats.empty()) {
    std::string_view line = take_line(diskstats);
    take_word(line);
    take_word(line);
    const std::string_view name = take_word(line);
    for (int i = 0; i < counts_before; ++i) take_word(line);
    const auto busy_ms = number_of(take_word(line));
    const bool memory = name.starts_with("ram") || name.starts_with("zram");
    if (busy_ms && !name.empty() && !memory && !name.starts_with("loop"))
      out.emplace(name, *busy_ms);
  }
  return out;
}

std::optional<std::uint64_t> parse_meminfo(std::string_view meminfo, std::string_view name) {
  auto line = line_of(meminfo, std::string(name) + ":");
  if (!line) return std::nullopt;
  const auto kib = number_of(take_word(*line));
  if (!kib) return std::nullopt;
  return *kib * 1024;
}

MachineSample sample_machine() {
  MachineSample sample;
  sample.at = now();
  sample.ticks = parse_cpu_ticks(text_of("/proc/stat"));
  sample.pressure_some_us = parse_pressure_some_us(text_of("/proc/pressure/cpu"));
  sample.memory_pressure_us = parse_pressure_some_us(text_of("/proc/pressure/memory"));
  sample.io_pressure_us = parse_pressure_some_us(text_of("/proc/pressure/io"));
  sample.disk_busy_ms = parse_disk_busy_ms(text_of("/proc/diskstats"));
  const std::string memory = text_of("/proc/meminfo");
  sample.cached_bytes = parse_meminfo(memory, "Cached");
  const auto dirty = parse_meminfo(memory, "Dirty");
  const auto on_its_way = parse_meminfo(memory, "Writeback");
  if (dirty && on_its_way) sample.dirty_bytes = *dirty + *on_its_way;
  const auto self = parse_process_stat(text_of("/proc/self/stat"), 1, page_bytes());
  if (self) sample.generator_rss_bytes = self->rss_bytes;
  rusage usage{};
  check(getrusage(RUSAGE_SELF, &usage) == 0, "the process can read its own resource usage");
  sample.generator_cpu_s = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  sample.voluntary_switches = usage.ru_nvcsw;
  sample.involuntary_switches = usage.ru_nivcsw;
  return sample;
}

namespace {

std::optional<double> busiest_disk(const MachineSample& from, const MachineSample& to,
                                   double length_ms) {
  std::optional<double> most;
  if (length_ms <= 0) return most;
  for (const auto& [name, busy_ms] : to.disk_busy_ms) {
    const auto before = from.disk_busy_ms.find(name);
    if (before == from.disk_busy_ms.end() || busy_ms < before->second) continue;
    const double share = static_cast<double>(busy_ms - before->second) / length_ms;
    most = std::max(most.value_or(0), std::min(share, 1.0));
  }
  return most;
}

}  // namespace

MachineUse use_between(const MachineSample& from, const MachineSample& to) {
  MachineUse use;
  use.generator_cpu_s = to.generator_cpu_s - from.generator_cpu_s;
  use.voluntary_switches = to.voluntary_switches - from.voluntary_switches;
  use.involuntary_switches = to.involuntary_switches - from.involuntary_switches;
  // Too short an interval has no ticks; then the share is unknown, not zero.
  if (from.ticks && to.ticks && to.ticks->total > from.ticks->total) {
    const auto total = static_cast<double>(to.ticks->total - from.ticks->total);
    if (to.ticks->steal >= from.ticks->steal) {
      use.steal_share = static_cast<double>(to.ticks->steal - from.ticks->steal) / total;
    }
    // The kernel may take idle ticks back.
    if (to.ticks->idle >= from.ticks->idle) {
      const auto idle = static_cast<double>(to.ticks->idle - from.ticks->idle);
      use.busy_share = std::clamp(1 - idle / total, 0.0, 1.0);
    }
  }
  const auto length_us = static_cast<double>((to.at - from.at).count()) / 1e3;
  use.pressure_share = share(from.pressure_some_us, to.pressure_some_us, length_us);
  use.memory_pressure_share = share(from.memory_pressure_us, to.memory_pressure_us, length_us);
  use.io_pressure_share = share(from.io_pressure_us, to.io_pressure_us, length_us);
  use.disk_busy_share = busiest_disk(from, to, length_us / 1e3);
  return use;
}

// --- one process ---

std::optional<ProcessSample> parse_process_stat(std::string_view stat, double ticks_per_s,
                                                std::uint64_t page_bytes) {
  // pid (name) state ppid ...; the name may hold anything, so what counts is the last bracket.
  const auto bracket = stat.rfind(") ");
  if (bracket == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(bracket + 2);
  if (rest.starts_with('Z') || rest.starts_with('X')) return std::nullopt;  // dead, not yet reaped
  constexpr std::uint64_t kernel_thread_flag = 0x00200000;  // PF_KTHREAD of the kernel's sched.h
  ProcessSample sample;
  const auto open = stat.find('(');
  if (open < bracket) sample.name = stat.substr(open + 1, bracket - open - 1);
  double ticks = 0;
  // Counted as proc(5) does, where the state is field 3.
  for (int field = 3; field <= 24; ++field) {
    const std::string_view word = take_word(rest);
    if (field != 9 && field != 12 && field != 14 && field != 15 && field != 24) continue;
    const auto number = number_of(word);
    if (!number) return std::nullopt;
    if (field == 9) sample.kernel_thread = (*number & kernel_thread_flag) != 0;
    if (field == 12) sample.major_faults = *number;
    if (field == 14 || field == 15) ticks += static_cast<double>(*number);
    if (field == 24) sample.rss_bytes = *number * page_bytes;
  }
  sample.cpu_s = ticks / ticks_per_s;
  return sample;
}

void parse_process_io(std::string_view io, ProcessSample& into) {
  if (auto line = line_of(io, "read_bytes:")) into.read_bytes = number_of(take_word(*line));
  if (auto line = line_of(io, "write_bytes:")) into.write_bytes = number_of(take_word(*line));
}

void parse_net_dev(std::string_view net_dev, ProcessSample& into) {
  // "  eth0: bytes packets errs drop fifo frame compressed multicast  bytes ..."
  constexpr int words_to_sent_bytes = 8;
  std::uint64_t in = 0, out = 0;
  bool any = false;
  while (!net_dev.empty()) {
    std::string_view line = take_line(net_dev);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view name = line.substr(0, colon);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    if (name == "lo") continue;
    line.remove_prefix(colon + 1);
    const auto received = number_of(take_word(line));
    for (int i = 1; i < words_to_sent_bytes; ++i) take_word(line);
    const auto sent = number_of(take_word(line));
    if (!received || !sent) continue;
    in += *received;
    out += *sent;
    any = true;
  }
  if (!any) return;
  into.net_in_bytes = in;
  into.net_out_bytes = out;
}

std::optional<ProcessSample> sample_process(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  auto sample = parse_process_stat(text_of(folder + "/stat"),
                                   static_cast<double>(sysconf(_SC_CLK_TCK)), page_bytes());
  if (!sample) return std::nullopt;
  sample->at = now();
  sample->pid = pid;
  parse_process_io(text_of(folder + "/io"), *sample);
  std::error_code failure;
  const auto own = std::filesystem::read_symlink(folder + "/ns/net", failure);
  if (!failure && own != std::filesystem::read_symlink("/proc/self/ns/net", failure)) {
    parse_net_dev(text_of(folder + "/net/dev"), *sample);
  }
  return sample;
}

}  // namespace seatrial::measure
