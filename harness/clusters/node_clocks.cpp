// A file for libfaketime, and the JVM's own word for the time.
#include "clusters/node_clocks.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <thread>

#include "clusters/attach.hpp"
#include "clusters/files.hpp"
#include "clusters/jars.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/numbers.hpp"
#include "core/target.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Digits of `text` from `at` on as a number within bounds; nothing where it is none.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count, int most) {
  const auto part = text.substr(at, count);
  if (part.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto value = parse_integer(part, 0, most);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

// How long ago the process was started, sleep of the machine included.
nanoseconds age_of(pid_t pid) {
  const auto stat = read_proc_stat(pid);
  if (!stat) return 0ns;
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double started_s = static_cast<double>(stat->start_ticks) / ticks_per_s;
  return seconds(since_boot.tv_sec) + nanoseconds(since_boot.tv_nsec) -
         nanoseconds(std::llround(started_s * 1e9));
}

// The library makes these two for child processes to share, of which a broker has none, and a
// process that is killed leaves them behind.
void remove_shared(pid_t pid) {
  const auto name = std::to_string(pid);
  for (const std::string& path :
       {"/dev/shm/faketime_shm_" + name, "/dev/shm/sem.faketime_sem_" + name})
    ::unlink(path.c_str());
}

// Whether the program itself has begun, and not only what is loaded before it.
bool runs_java(pid_t pid) {
  const auto maps = file_text(fs::path("/proc") / std::to_string(pid) / "maps");
  return maps && maps->find("libjvm.so") != std::string::npos;
}

}  // namespace

std::optional<fs::path> find_faketime() {
  utsname machine{};
  uname(&machine);
  const auto debian = fs::path("/usr/lib") / (std::string(machine.machine) + "-linux-gnu");
  for (const fs::path& folder :
       {debian, fs::path("/usr/lib64"), fs::path("/usr/lib"), fs::path("/usr/local/lib")}) {
    const auto library = folder / "faketime" / "libfaketime.so.1";
    std::error_code absent;
    if (fs::exists(library, absent)) return library;
  }
  return std::nullopt;
}

Result<fs::path> prepare_faketime(const std::stop_token& stop) {
  if (const auto there = find_faketime()) return *there;
  if (const auto failed = need({"faketime"}, stop)) return *failed;
  if (const auto there = find_faketime()) return *there;
  return Error{"libfaketime is installed, but not where it is looked for", "see the lines above"};
}

std::optional<WallTime> parse_jvm_date(std::string_view text) {
  constexpr std::string_view pattern = "0000-00-00T00:00:00.000+0000";
  if (text.size() < pattern.size()) return std::nullopt;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool sign = pattern[i] == '+' && text[i] == '-';
    if (pattern[i] != '0' && pattern[i] != text[i] && !sign) return std::nullopt;
  }
  const auto year = digits(text, 0, 4, 9999), month = digits(text, 5, 2, 12),
             day = digits(text, 8, 2, 31), hour = digits(text, 11, 2, 23),
             minute = digits(text, 14, 2, 59), second = digits(text, 17, 2, 60),
             milli = digits(text, 20, 3, 999), zone_h = digits(text, 24, 2, 23),
             zone_m = digits(text, 26, 2, 59);
  if (!(year && month && day && hour && minute && second && milli && zone_h && zone_m))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const auto zone = std::chrono::hours(*zone_h) + std::chrono::minutes(*zone_m);
  const auto local = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                     std::chrono::minutes(*minute) + seconds(*second) + milliseconds(*milli);
  return text[23] == '-' ? local + zone : local - zone;
}

std::string faketime_line(nanoseconds ahead, double rate, nanoseconds age) {
  return fmt::format("{:+.9f} x{:.9f}", to_seconds(ahead) - to_seconds(age) * (rate - 1), rate);
}

NodeClocks::~NodeClocks() {
  for (const auto& [node, clock] : clocks_) remove_shared(clock.pid);
}

nanoseconds NodeClocks::Clock::ahead_now() const {
  return ahead +
         nanoseconds(std::llround(static_cast<double>((now() - since).count()) * (rate - 1)));
}

fs::path NodeClocks::file(NodeId node) const {
  return folder_ / ("clock-" + std::to_string(node.value));
}

// By rename, so that the library never reads half a line.
void NodeClocks::write(NodeId node, const Clock& clock) const {
  const auto age = clock.pid == 0 ? nanoseconds(0) : age_of(clock.pid);
  write_file(file(node), faketime_line(clock.ahead, clock.rate, age) + "\n");
}

std::map<std::string, std::string> NodeClocks::environment(NodeId node) {
  const std::lock_guard lock(mutex_);
  Clock& clock = clocks_[node];
  remove_shared(clock.pid);
  clock = {.pid = 0, .ahead = clock.ahead_now(), .rate = clock.rate, .since = now()};
  Clock at_start = clock;
  at_start.rate = 1;
  write(node, at_start);
  return {{"LD_PRELOAD", library_.string()},
          {"FAKETIME_TIMESTAMP_FILE", file(node).string()},
          {"FAKETIME_CACHE_DURATION", "1"},  // seconds until the file is looked at again
          {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
          // Its mend for an old glibc has the JVM's timed waits end at once.
          {"FAKETIME_FORCE_MONOTONIC_FIX", "0"}};
}

void NodeClocks::started(NodeId node, pid_t pid) {
  const std::lock_guard lock(mutex_);
  Clock& clock = clocks_[node];
  clock.pid = pid;
  if (clock.rate != 1) {
    clock = {.pid = pid, .ahead = clock.ahead_now(), .rate = clock.rate, .since = now()};
    write(node, clock);
  }
  // The library makes them, and opens them by their names, before the program begins: without them
  // the process would end then. Who takes longer has them removed by the destructor.
  const Instant deadline = now() + 1s;
  while (!runs_java(pid) && now() < deadline) std::this_thread::sleep_for(5ms);
  if (runs_java(pid)) remove_shared(pid);
}

void NodeClocks::set(NodeId node, nanoseconds ahead, double rate) {
  const std::lock_guard lock(mutex_);
  const auto found = clocks_.find(node);
  if (found == clocks_.end())
    throw InfrastructureError(node_text(node) + " has no clock of its own");
  Clock& clock = found->second;
  clock = {.pid = clock.pid, .ahead = ahead, .rate = rate, .since = now()};
  write(node, clock);
}

ClockReading NodeClocks::read(NodeId node) const {
  pid_t pid = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = clocks_.find(node);
    if (found != clocks_.end()) pid = found->second.pid;
  }
  if (pid == 0) throw InfrastructureError(node_text(node) + " never ran");
  const auto wall = [] { return std::chrono::system_clock::now(); };
  const Instant asked = now();
  const auto wall_asked = wall();
  const auto answer = ask_jvm(pid, "jcmd", {"VM.uptime -date", "", ""}, asked + 5s);
  const nanoseconds took = now() - asked;
  if (!answer) throw InfrastructureError(answer.error().message);
  const auto told = parse_jvm_date(*answer);
  if (!told) throw InfrastructureError("the JVM told no time: " + answer->substr(0, 100));
  return {.ahead = *told - (wall_asked + took / 2),
          .uncertainty = took / 2 + milliseconds(1),  // it tells whole milliseconds
          .at = asked + took / 2};
}

}  // namespace seatrial::clusters
