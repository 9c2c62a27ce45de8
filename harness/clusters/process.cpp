// Implements clusters/process.hpp. The only file that includes Boost.Process.
#define BOOST_PROCESS_USE_STD_FS  // else every program would have to link Boost.Filesystem
#include "clusters/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/group.hpp>
#include <boost/process/io.hpp>
#include <boost/process/start_dir.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "clusters/files.hpp"
#include "core/file_text.hpp"
#include "core/owned_file.hpp"

namespace bp = boost::process;

namespace seatrial::clusters {
namespace {

// Runs in the child between fork and exec, so only system calls are allowed.
struct ChildSetup : bp::extend::handler {
  template <class Executor>
  void on_exec_setup(Executor&) const {
    // A thread of ours may block or ignore signals that a broker must see: SIGTERM is a fault.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      signal(number, SIG_DFL);
    }
    constexpr unsigned close_range_cloexec = 4;  // CLOSE_RANGE_CLOEXEC, Linux 5.11
    if (syscall(SYS_close_range, 3U, ~0U, close_range_cloexec) != 0) {
      for (int fd = 3; fd < 1024; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
  }
  // In the parent: a child that could not become the program is about to end. Boost asks for it
  // once, which may be too early, and then nobody would.
  template <class Executor>
  void on_error(Executor& executor, const std::error_code&) const {
    if (executor.pid > 0) waitpid(executor.pid, nullptr, 0);
  }
};

std::mutex& spawn_mutex() {
  static std::mutex mutex;
  return mutex;
}

OwnedFile open_for_append(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  return OwnedFile(fd < 0 ? nullptr : fdopen(fd, "a"));
}

std::string read_all(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[16384];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) {
    text.append(buffer, n);
  }
  return text;
}

bp::environment environment_of(const SpawnSpec& spec) {
  auto env = spec.bare ? bp::environment() : bp::environment(boost::this_process::environment());
  if (spec.bare) {
    for (const char* name : bare_variables()) {
      if (const char* value = std::getenv(name); value != nullptr) env[name] = value;
    }
    // Under the C locale a JVM takes a path's ü for a question mark.
    env["LC_ALL"] = "C.UTF-8";
  }
  for (const auto& [name, value] : spec.env) env[name] = value;
  return env;
}

}  // namespace

std::span<const char* const> bare_variables() {
  static constexpr std::array names{"HOME", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"};
  return names;
}

struct Spawner {
  static Result<std::unique_ptr<Child>> spawn(const SpawnSpec& spec, std::FILE* out,
                                              std::FILE* err) {
    const auto program = find_program(spec.argv.at(0));
    if (!program) return Error{spec.argv[0] + " is not installed", ""};
    const std::lock_guard lock(spawn_mutex());
    bp::environment env = environment_of(spec);
    const auto cwd = spec.cwd.empty() ? std::filesystem::current_path() : spec.cwd;
    const std::vector<std::string> args(spec.argv.begin() + 1, spec.argv.end());
    std::error_code failure;
    const OwnedFile nothing(spec.in == nullptr ? std::fopen("/dev/null", "re") : nullptr);
    std::FILE* const in = spec.in == nullptr ? nothing.get() : spec.in;
    if (in == nullptr) {
      return Error{std::string("cannot read /dev/null: ") + std::strerror(errno), ""};
    }
    bp::group group;
    bp::child child(bp::exe = program->string(), bp::args = args, bp::start_dir = cwd.string(), env,
                    bp::std_in<in, bp::std_out> out, bp::std_err > err, group, failure,
                    ChildSetup{});
    const int why = errno;
    const pid_t pid = child.id();
    child.detach();
    group.detach();
    if (failure) return Error{"cannot start " + spec.argv[0] + ": " + failure.message(), ""};
    // Boost tells of no failure where it got no pipe; and a signal to -pid would meet others.
    if (pid <= 0) return Error{"cannot start " + spec.argv[0] + ": " + std::strerror(why), ""};
    // Not reaped by anybody but us, so the pid cannot have been recycled yet.
    const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (pidfd < 0) {
      const int no_pidfd = errno;
      kill(-pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return Error{std::string("pidfd_open failed: ") + std::strerror(no_pidfd),
                   "Linux 5.3 or newer is needed"};
    }
    return std::unique_ptr<Child>(new Child(pid, pidfd));
  }
};

Result<std::unique_ptr<Child>> Child::spawn(const SpawnSpec& spec) {
  const auto output = open_for_append(spec.output);
  if (!output) {
    return Error{"cannot write " + spec.output.string() + ": " + std::strerror(errno), ""};
  }
  std::FILE* const out = spec.out == nullptr ? output.get() : spec.out;
  return Spawner::spawn(spec, out, output.get());
}

Child::~Child() {
  if (!wait(nanoseconds{0})) {
    kill_group();
    wait(std::chrono::seconds(30));
  }
  close(pidfd_);
}

bool Child::reap() const {
  if (ended_) return true;
  siginfo_t info{};
  const int got = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG);
  if (got == 0 && info.si_pid == 0) return false;
  ProcessState state;
  state.kind = ProcessState::Kind::exited;
  state.host_pid = pid_;
  // waitid fails only if someone else took the status: ended, and nothing more is known.
  if (got == 0 && info.si_code == CLD_EXITED) state.exit_code = info.si_status;
  if (got == 0 && info.si_code != CLD_EXITED) state.signal = info.si_status;
  ended_ = state;
  return true;
}

ProcessState Child::state() const {
  const std::lock_guard lock(mutex_);
  if (reap()) return *ended_;
  return state_in_proc(read_proc_stat(pid_).value_or(ProcStat{}), pid_);
}

std::optional<Error> Child::signal(int number) const {
  if (syscall(SYS_pidfd_send_signal, pidfd_, number, nullptr, 0) == 0) return std::nullopt;
  return Error{"cannot signal pid " + std::to_string(pid_) + ": " + std::strerror(errno), ""};
}

void Child::kill_group() const noexcept {
  const std::lock_guard lock(mutex_);
  if (!ended_) kill(-pid_, SIGKILL);  // unreaped, so the group is still ours
}

bool Child::wait(nanoseconds limit) const {
  const auto until = now() + limit;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (reap()) return true;
    }
    const auto left = std::chrono::ceil<milliseconds>(until - now());
    if (left.count() <= 0) return false;
    pollfd waiting{.fd = pidfd_, .events = POLLIN, .revents = 0};
    poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
  }
}

std::string ToolOutcome::complaint() const {
  if (timed_out) return "no answer in time";
  for (const auto* text : {&err, &out}) {
    const auto lines = last_lines(*text, 1);
    if (!lines.empty()) return lines;
  }
  return to_string(status);
}

ToolOutcome run_tool(const std::vector<std::string>& argv, nanoseconds deadline,
                     const ToolOptions& options) {
  // Files rather than pipes: a grandchild that keeps a pipe open cannot hold us up.
  const OwnedFile out(std::tmpfile()), err(std::tmpfile());
  ToolOutcome outcome;
  const auto not_started = [&](std::string why) {
    outcome.status.kind = ProcessState::Kind::exited;
    outcome.status.exit_code = 127;
    outcome.err = std::move(why);
    return outcome;
  };
  if (!out || !err) return not_started(std::string("no temporary file: ") + std::strerror(errno));
  auto child = Spawner::spawn({.argv = argv,
                               .env = options.env,
                               .cwd = options.cwd,
                               .output = {},
                               .in = options.in,
                               .out = {},
                               .bare = options.bare},
                              options.show_output ? stderr : out.get(),
                              options.show_output ? stderr : err.get());
  if (!child) return not_started(child.error().message);
  const auto until = now() + deadline;
  while (!(*child)->wait(std::min<nanoseconds>(until - now(), milliseconds(50)))) {
    if (now() < until && !options.stop.stop_requested()) continue;
    outcome.timed_out = true;
    (*child)->kill_group();
    (*child)->wait(std::chrono::seconds(10));
    break;
  }
  outcome.status = (*child)->state();
  outcome.out = read_all(out.get());
  outcome.err = read_all(err.get());
  return outcome;
}

namespace {

struct ProgramStop {
  std::mutex mutex;
  std::stop_token token;
};

ProgramStop& the_stop() {
  static ProgramStop instance;
  return instance;
}

}  // namespace

void set_program_stop(std::stop_token stop) {
  const std::lock_guard lock(the_stop().mutex);
  the_stop().token = std::move(stop);
}

std::stop_token program_stop() {
  const std::lock_guard lock(the_stop().mutex);
  return the_stop().token;
}

void kill_children() noexcept try {
  std::error_code ignored;
  const auto parent = "\nPPid:\t" + std::to_string(getpid()) + "\n";
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    const auto status = file_text(entry.path() / "status").value_or("");
    if (status.find(parent) == std::string::npos) continue;
    kill(-pid, SIGKILL);  // each leads a group of its own
    kill(pid, SIGKILL);
  }
} catch (const std::exception&) {
  // The end comes all the same; `down` finds what stays.
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return access(name.c_str(), X_OK) == 0 ? std::optional<std::filesystem::path>(name)
                                           : std::nullopt;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = std::min(rest.find(':'), rest.size());
    const auto candidate = std::filesystem::path(rest.substr(0, colon)) / name;
    std::error_code ignored;  // a folder in PATH that does not exist is no error
    if (access(candidate.c_str(), X_OK) == 0 &&
        !std::filesystem::is_directory(candidate, ignored)) {
      return candidate;
    }
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return std::nullopt;
}

ProcessState state_in_proc(const ProcStat& stat, pid_t pid) {
  ProcessState state;
  state.host_pid = pid;
  state.kind = stat.dying()     ? ProcessState::Kind::dying
               : stat.stopped() ? ProcessState::Kind::paused
                                : ProcessState::Kind::running;
  return state;
}

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  // The second field is the program's name in parentheses and may itself hold spaces and
  // parentheses.
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size()) return std::nullopt;
  auto rest = text.substr(name_end + 2);
  ProcStat stat{.state = rest[0]};
  constexpr int state_field = 3, flags_field = 9, start_field = 22;  // from 1, as in proc(5)
  constexpr std::uint64_t exiting_flag = 4;  // PF_EXITING of the kernel's include/linux/sched.h
  const auto number = [&](std::uint64_t& value) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return error == std::errc{} && end != rest.data();
  };
  std::uint64_t flags = 0;
  for (int field = state_field; field < start_field; ++field) {
    if (field == flags_field && !number(flags)) return std::nullopt;
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  if (!number(stat.start_ticks)) return std::nullopt;
  stat.exiting = (flags & exiting_flag) != 0;
  return stat;
}

std::optional<ProcStat> read_proc_stat(pid_t pid) {
  const auto text = file_text("/proc/" + std::to_string(pid) + "/stat");
  return text ? parse_proc_stat(*text) : std::nullopt;
}

}  // namespace seatrial::clusters
