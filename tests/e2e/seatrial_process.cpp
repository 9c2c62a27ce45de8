// Implements e2e/seatrial_process.hpp with plain system calls.
#include "e2e/seatrial_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "core/numbers.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

// In the child; returns only if the program could not be started.
void become(const std::vector<std::string>& argv, const Invocation& invocation, const fs::path& out,
            const fs::path& err) {
  ::signal(SIGHUP, SIG_DFL);  // whoever runs the tests may have used nohup
  setpgid(0, 0);  // as a shell does: Ctrl-C reaches the job and not whoever started it
  const int flags = O_CREAT | O_WRONLY | O_APPEND;
  if (dup2(open(out.c_str(), flags, 0600), 1) < 0 || dup2(open(err.c_str(), flags, 0600), 2) < 0 ||
      dup2(open("/dev/null", O_RDONLY), 0) < 0 || chdir(invocation.cwd.c_str()) != 0) {
    return;
  }
  for (const auto& [name, value] : invocation.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  std::vector<char*> pointers;
  for (const auto& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  execvp(pointers.front(), pointers.data());
}

// Runs a tool to its end; its standard output, or nothing if it failed.
std::pair<bool, std::string> output_of(const std::vector<std::string>& argv) {
  const Folder folder;
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    become(argv, {.arguments = {}, .environment = {}}, folder / "out", folder / "err");
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0, read_file(folder / "out")};
}

void containers_of(const std::string& run_id, bool must_ask, std::vector<std::string>& left) {
  const std::string filter = "label=seatrial.run=" + run_id;
  for (const std::vector<std::string>& ask :
       {std::vector<std::string>{"docker", "ps", "-a", "-q", "--filter", filter},
        std::vector<std::string>{"docker", "network", "ls", "-q", "--filter", filter}}) {
    const auto [answered, list] = output_of(ask);
    if (!answered && must_ask) left.push_back("no container engine could be asked");
    if (!answered) return;
    std::istringstream lines(list);
    for (std::string line; std::getline(lines, line);) left.push_back(ask[1] + " " + line);
  }
}

}  // namespace

Folder::Folder() {
  std::string pattern = (fs::temp_directory_path() / "seatrial e2e-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) fail("cannot make " + pattern);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;  // a folder left in /tmp is no reason to end the test program
  fs::remove_all(path_, ignored);
}

std::string Folder::with(const std::string& name, const std::string& text) const {
  const fs::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

Harness::Harness(const Invocation& invocation) {
  Invocation with = invocation;
  // What the launcher sets before it execs the binary.
  with.environment.try_emplace("SEATRIAL_HOME", root.string());
  with.environment.try_emplace("SEATRIAL_LAUNCHER", (root / "seatrial").string());
  std::vector<std::string> argv{SEATRIAL_BINARY};
  argv.insert(argv.end(), with.arguments.begin(), with.arguments.end());
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    become(argv, with, folder_ / "out", folder_ / "err");
    _exit(127);
  }
  setpgid(pid_, pid_);  // here too, so that it holds whoever comes first
}

Harness::~Harness() {
  if (!running()) return;
  signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Harness::running() {
  if (ended_) return false;
  ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return !ended_;
}

void Harness::signal(int number) const {
  if (!ended_) kill(number == SIGINT ? -pid_ : pid_, number);
}

Ended Harness::wait(nanoseconds limit) {
  Ended end;
  const Instant deadline = now() + limit;
  while (running() && now() < deadline) std::this_thread::sleep_for(milliseconds(5));
  if (ended_ && WIFEXITED(status_)) end.exit_code = WEXITSTATUS(status_);
  if (ended_ && WIFSIGNALED(status_)) end.by_signal = WTERMSIG(status_);
  end.out = out();
  end.err = read_file(folder_ / "err");
  return end;
}

bool Harness::wait_until(const std::function<bool()>& holds, nanoseconds limit) {
  const Instant deadline = now() + limit;
  while (running() && now() < deadline) {
    if (holds()) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

bool Harness::wait_for(const std::string& text, nanoseconds limit) {
  return wait_until([&] { return out().find(text) != std::string::npos; }, limit);
}

std::string Harness::out() const { return read_file(folder_ / "out"); }

Ended seatrial(const std::vector<std::string>& arguments) {
  Harness harness({.arguments = arguments, .environment = {}});
  return harness.wait();
}

std::string read_file(const fs::path& path) try {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
} catch (const std::ios_base::failure&) {
  return {};  // of /proc, and the process ended meanwhile
}

fs::path latest_run(const fs::path& results) {
  std::error_code none;
  const fs::path name = fs::read_symlink(results / "latest", none);
  return none ? fs::path() : results / name;
}

nlohmann::json record_of(const fs::path& run) {
  const Ended printed = seatrial({"report", run.string(), "--format", "json"});
  return nlohmann::json::parse(printed.out, nullptr, false);
}

std::vector<LabelledProcess> processes_of(const std::string& run_id) {
  std::vector<LabelledProcess> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto pid = parse_integer(entry.path().filename().string(), 1, INT_MAX);
    if (!pid) continue;
    // Arguments end in a zero byte: a run whose id begins with this one's is another.
    const std::string arguments = read_file(entry.path() / "cmdline");
    const std::string variables = read_file(entry.path() / "environ");
    const std::string end(1, '\0');
    if (arguments.find("-Dseatrial.run=" + run_id + end) == std::string::npos &&
        variables.find("SEATRIAL_TOOL_OF_RUN=" + run_id + end) == std::string::npos) {
      continue;
    }
    const std::string stat = read_file(entry.path() / "stat");
    const auto name_end = stat.rfind(") ");
    if (name_end == std::string::npos) continue;  // gone meanwhile
    const char state = stat[name_end + 2];
    if (state != 'Z') found.push_back({.pid = static_cast<int>(*pid), .state = state});
  }
  return found;
}

namespace {

// Mounts, files under loop devices and control groups that name the run.
void kernel_objects_of(const std::string& run_id, std::vector<std::string>& left) {
  std::istringstream mounts(read_file("/proc/self/mounts"));
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(run_id) != std::string::npos) left.push_back("mount " + line);
  }
  std::error_code absent;
  for (const auto& device : fs::directory_iterator("/sys/block", absent)) {
    const std::string file = read_file(device.path() / "loop/backing_file");
    if (file.find(run_id) != std::string::npos) left.push_back("loop device of " + file);
  }
  constexpr auto denied = fs::directory_options::skip_permission_denied;
  for (auto at = fs::recursive_directory_iterator("/sys/fs/cgroup", denied, absent);
       at != fs::recursive_directory_iterator(); at.increment(absent)) {
    if (absent) break;
    if (at->path().filename().string().find(run_id) != std::string::npos)
      left.push_back("control group " + at->path().string());
  }
}

}  // namespace

std::vector<std::string> left_by(const std::string& run_id, bool must_ask) {
  std::vector<std::string> left;
  for (const auto& process : processes_of(run_id)) {
    left.push_back("process " + std::to_string(process.pid));
  }
  for (const char* memory : {"/dev/shm", "/tmp"}) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(memory, absent)) {
      if (entry.path().filename().string().starts_with("seatrial-" + run_id)) {
        left.push_back("folder " + entry.path().string());
      }
    }
  }
  kernel_objects_of(run_id, left);
  containers_of(run_id, must_ask, left);
  return left;
}

}  // namespace seatrial::e2e
