// Child processes: the one wrapper around Boost.Process. `Child` is a long-lived process with a
// group of its own and its output in a file; `run_tool` runs a short command under a deadline and
// never through a shell. Neither is found again after a SIGKILL of the harness: see leftovers.hpp.
//
// Boost.Process v1 only spawns here. Waiting and signalling go through a pidfd, because v1's timed
// waits race with SIGCHLD, and v2 of 1.81 leaks the parent's descriptors into children.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial::clusters {

struct SpawnSpec {
  std::vector<std::string> argv;           // argv[0]: a path, or a name looked up in PATH
  std::map<std::string, std::string> env;  // on top of the harness's own
  std::filesystem::path cwd;               // empty: the harness's
  std::filesystem::path output;            // stdout and stderr are appended here
  std::FILE* in = nullptr;                 // its stdin; none: /dev/null
  std::FILE* out = nullptr;                // its stdout, instead of `output`
  bool bare = false;  // of the harness's environment only what changes nothing: see bare_variables
};

// What of the harness's environment a process with a bare one gets: where things are and who runs
// it. Nothing by which a runtime takes options (JAVA_TOOL_OPTIONS, CLASSPATH, LD_PRELOAD, KAFKA_*
// and whatever comes next): brokers run with what the scenario says. Its LC_ALL is C.UTF-8.
std::span<const char* const> bare_variables();

// Owns a process: it is killed with its group, and reaped, when the Child goes. Thread-safe.
class Child {
 public:
  static Result<std::unique_ptr<Child>> spawn(const SpawnSpec& spec);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] ProcessState state() const;
  // Signals the process itself, never a recycled pid. What went wrong, or nothing.
  std::optional<Error> signal(int number) const;
  // SIGKILL to the process and all of its group; nothing to do if they are gone.
  void kill_group() const noexcept;
  // Whether the process ended within `limit`.
  bool wait(nanoseconds limit) const;

 private:
  friend struct Spawner;
  Child(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}
  bool reap() const;  // under mutex_; whether the process has ended

  pid_t pid_;
  int pidfd_;
  mutable std::mutex mutex_;
  mutable std::optional<ProcessState> ended_;
};

struct ToolOptions {
  std::map<std::string, std::string> env;
  std::filesystem::path cwd;
  std::stop_token stop;      // ends the tool early, as a timeout would
  bool show_output = false;  // to the harness's stderr instead of into the outcome
  std::FILE* in = nullptr;   // its stdin; none: /dev/null
  bool bare = false;         // as of SpawnSpec
};

struct ToolOutcome {
  ProcessState status;     // exit code 127 if the program could not be started
  bool timed_out = false;  // killed at its deadline or by the stop token
  std::string out, err;
  [[nodiscard]] bool ok() const { return !timed_out && status.exit_code == 0; }
  // One line for an error message: what the tool said last, or how it ended.
  [[nodiscard]] std::string complaint() const;
};

ToolOutcome run_tool(const std::vector<std::string>& argv, nanoseconds deadline,
                     const ToolOptions& options = {});

// The request that the program as a whole end, set once by main. For tools that are only asked
// something, wherever a token of the caller's is missing; never for those that clean up.
void set_program_stop(std::stop_token stop);
[[nodiscard]] std::stop_token program_stop();

// SIGKILL to all processes that this one started and that still run, with their groups; for an end
// that waits for nothing.
void kill_children() noexcept;

// Where PATH (or the path itself) has an executable of that name.
std::optional<std::filesystem::path> find_program(const std::string& name);

// A process as /proc/PID/stat tells of it.
struct ProcStat {
  char state = '?';               // R, S, D, T (stopped), Z (ended, not reaped), ...
  std::uint64_t start_ticks = 0;  // since boot; tells a recycled pid
  bool exiting = false;           // on its way out: it returns to its program no more
  [[nodiscard]] bool stopped() const { return state == 'T' || state == 't'; }
  [[nodiscard]] bool dying() const { return exiting || state == 'Z' || state == 'X'; }
  friend bool operator==(const ProcStat&, const ProcStat&) = default;
};
// Running, paused or dying, of a process that has not been reaped.
ProcessState state_in_proc(const ProcStat& stat, pid_t pid);
std::optional<ProcStat> parse_proc_stat(std::string_view text);
std::optional<ProcStat> read_proc_stat(pid_t pid);

}  // namespace seatrial::clusters
