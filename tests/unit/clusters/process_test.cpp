// Child processes and tools: small real processes, no brokers.
#include "clusters/process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "clusters/engine.hpp"
#include "clusters/files.hpp"
#include "core/file_text.hpp"
#include "core/units.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::clusters;
using namespace std::chrono_literals;

namespace {

struct Scratch {
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("seatrial-process-test-" + std::to_string(getpid()));
  Scratch() { std::filesystem::create_directories(path); }
  ~Scratch() { std::filesystem::remove_all(path); }
};

std::unique_ptr<Child> sleeper(const Scratch& scratch) {
  auto child =
      Child::spawn({.argv = {"sleep", "60"}, .env = {}, .cwd = {}, .output = scratch.path / "log"});
  REQUIRE(child);
  return std::move(*child);
}

}  // namespace

TEST_CASE("/proc/PID/stat with a hostile program name") {
  const std::string fields = " 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 123 45 67";
  CHECK(parse_proc_stat("12 (java) S" + fields) == ProcStat{'S', 98765});
  CHECK(parse_proc_stat("12 (a) T (b) T" + fields) == ProcStat{'T', 98765});
  CHECK_FALSE(parse_proc_stat("12 (java) S 1 2"));
  CHECK_FALSE(parse_proc_stat("12 (java"));
  CHECK_FALSE(parse_proc_stat(""));
  CHECK(ProcStat{'T', 1}.stopped());
  CHECK_FALSE(ProcStat{'Z', 1}.stopped());
  // A broker that was killed is runnable until its memory is given back.
  const std::string flags = " 1 1 1 0 -1 4194564 1 2 3 4 5 6 7 8 20 0 1 0 98765 123 45 67";
  CHECK(parse_proc_stat("12 (java) R" + flags) == ProcStat{'R', 98765, true});
  CHECK(state_in_proc({'R', 1, true}, 12).kind == ProcessState::Kind::dying);
  CHECK(state_in_proc({'Z', 1}, 12).kind == ProcessState::Kind::dying);
  CHECK(state_in_proc({'T', 1}, 12).kind == ProcessState::Kind::paused);
  CHECK(to_string(state_in_proc({'S', 1}, 12)) == "running (pid 12)");
}

TEST_CASE("a child's states: running, paused, killed") {
  const Scratch scratch;
  const auto child = sleeper(scratch);
  CHECK(child->state().kind == ProcessState::Kind::running);
  CHECK(child->state().host_pid == child->pid());
  CHECK_FALSE(child->signal(SIGSTOP));
  for (int i = 0; i < 9000 && child->state().kind != ProcessState::Kind::paused; ++i) {
    usleep(10'000);
  }
  CHECK(child->state().kind == ProcessState::Kind::paused);
  CHECK_FALSE(child->wait(10ms));
  CHECK_FALSE(child->signal(SIGKILL));
  REQUIRE(child->wait(90s));
  CHECK(child->state().signal == SIGKILL);
  CHECK_FALSE(child->state().exit_code);
  CHECK(child->signal(SIGSTOP));  // an Error: it is gone
}

TEST_CASE("exit with code 9 is not a kill by signal 9") {
  const auto outcome = run_tool({"sh", "-c", "exit 9"}, 90s);
  CHECK(outcome.status.exit_code == 9);
  CHECK_FALSE(outcome.status.signal);
  CHECK(to_string(outcome.status) == "exited with code 9");
  CHECK(run_tool({"sh", "-c", "kill -9 $$"}, 90s).status.signal == 9);
}

TEST_CASE("what is no program leaves no child behind") {
  const Scratch scratch;
  const auto no_program = scratch.path / "no-program";
  std::filesystem::create_directory(no_program);
  for (int i = 0; i < 20; ++i) {
    const auto child =
        Child::spawn({.argv = {no_program}, .env = {}, .cwd = {}, .output = scratch.path / "log"});
    REQUIRE_FALSE(child);
    CHECK(child.error().message.find("cannot start " + no_program.string()) == 0);
    siginfo_t info{};
    CHECK(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0);
    CHECK(errno == ECHILD);
  }
}

TEST_CASE("a child dies with its owner, and its own children with it") {
  const Scratch scratch;
  const auto log = scratch.path / "log";
  auto child = Child::spawn(
      {.argv = {"sh", "-c", "sleep 60 & echo $!; wait"}, .env = {}, .cwd = {}, .output = log});
  REQUIRE(child);
  for (int i = 0; i < 9000 && file_text(log).value_or("").empty(); ++i) usleep(10'000);
  std::string written = *file_text(log);
  written.pop_back();  // its newline
  const int grandchild = static_cast<int>(*parse_integer(written));
  CHECK(kill(grandchild, 0) == 0);
  child->reset();
  bool gone = false;
  for (int i = 0; i < 9000 && !gone; ++i) {
    const auto stat = read_proc_stat(grandchild);
    gone = !stat || stat->state == 'Z';
    usleep(10'000);
  }
  CHECK(gone);
}

TEST_CASE("a child inherits no descriptors, no blocked signals and no group of ours") {
  int leaked[2];
  REQUIRE(pipe(leaked) == 0);  // without O_CLOEXEC
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  // Not through a shell: dash clears the mask of its own children.
  const auto mask = run_tool({"grep", "SigBlk", "/proc/self/status"}, 90s);
  const auto descriptors = run_tool({"ls", "/proc/self/fd"}, 90s);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  close(leaked[0]);
  close(leaked[1]);
  CHECK(mask.out == "SigBlk:\t0000000000000000\n");
  CHECK(descriptors.out == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST_CASE("tools: output, environment, missing programs, deadlines") {
  const auto said =
      run_tool({"sh", "-c", "echo $WORD; echo no >&2; exit 3"}, 90s,
               {.env = {{"WORD", "a b"}}, .cwd = {}, .stop = {}, .show_output = false});
  CHECK(said.out == "a b\n");
  CHECK(said.err == "no\n");
  CHECK_FALSE(said.ok());
  CHECK(said.complaint() == "no");
  const auto missing = run_tool({"seatrial-no-such-program"}, 90s);
  CHECK(missing.status.exit_code == 127);
  CHECK(missing.complaint() == "seatrial-no-such-program is not installed");
  const auto slow = run_tool({"sh", "-c", "sleep 60 | cat"}, 50ms);
  CHECK(slow.timed_out);
  CHECK_FALSE(slow.ok());
}

TEST_CASE("a container's state in the harness's words") {
  CHECK(parse_container_state("running 4711 0\n") == ContainerState{"running", 4711, 0});
  CHECK_FALSE(parse_container_state("Error: No such object"));
  CHECK_FALSE(parse_container_state(""));
  CHECK(to_string(to_process_state({"running", 5, 0})) == "running (pid 5)");
  CHECK(to_string(to_process_state({"paused", 5, 0})) == "paused (pid 5)");
  CHECK(to_string(to_process_state({"exited", 0, 137})) == "killed by signal 9");
  CHECK(to_string(to_process_state({"exited", 0, 143})) == "exited with code 143");
  CHECK(to_string(to_process_state({"exited", 0, 1})) == "exited with code 1");
  CHECK(to_string(to_process_state({"exited", 0, 255})) == "exited with code 255");
  CHECK(to_string(to_process_state({"created", 0, 0})) == "absent");
}

TEST_CASE("the last lines of a log") {
  CHECK(last_lines("a\nb\n\nc\n", 2) == "b\nc");
  CHECK(last_lines("a", 5) == "a");
  CHECK(last_lines("", 5).empty());
  CHECK(last_lines("a\nb", 0).empty());
}

TEST_CASE("a bare environment has nothing by which a runtime takes options") {
  const std::vector<const char*> options{"_JAVA_OPTIONS",   "JAVA_TOOL_OPTIONS", "CLASSPATH",
                                         "KAFKA_HEAP_OPTS", "JDK_JAVA_OPTIONS",  "LD_AUDIT",
                                         "GLIBC_TUNABLES",  "LD_LIBRARY_PATH",   "LC_CTYPE"};
  for (const char* name : options) setenv(name, "seatrial-test", 1);
  const auto all = run_tool({"env"}, 60s);
  const auto bare = run_tool({"env"}, 60s,
                             {.env = {{"OURS", "1"}},
                              .cwd = {},
                              .stop = {},
                              .show_output = false,
                              .in = nullptr,
                              .bare = true});
  for (const char* name : options) unsetenv(name);
  CHECK(all.out.find("CLASSPATH=seatrial-test\n") != std::string::npos);
  INFO(bare.out);
  CHECK(bare.out.find("seatrial-test") == std::string::npos);
  CHECK(bare.out.find("LC_ALL=C.UTF-8\n") != std::string::npos);
  CHECK(bare.out.find("OURS=1\n") != std::string::npos);
  CHECK(bare.out.find("PATH=") != std::string::npos);
}

TEST_CASE("where no engine answers, the command that starts one is named") {
  const char* before = std::getenv("DOCKER_HOST");
  const std::string kept = before != nullptr ? before : "";
  setenv("DOCKER_HOST", "unix:///nowhere/docker.sock", 1);
  const auto engine = find_engine();
  if (before != nullptr) setenv("DOCKER_HOST", kept.c_str(), 1);
  else unsetenv("DOCKER_HOST");
  REQUIRE_FALSE(engine);
  CHECK(engine.error().hint.find("./seatrial need engine") != std::string::npos);
}
