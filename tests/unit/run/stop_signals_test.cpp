// Signals, in a process of its own for each.
#include "run/stop_signals.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/catch.hpp"

namespace seatrial::run {
namespace {

constexpr int went_on = 1, ended_by_request = 5, ended_hard = 7;

// How a process ends that is sent `number`, `times` times, and hangs on for `hangs` after the
// request to stop. Above 256: by that signal.
int end_of(int number, nanoseconds hangs, const StopSetting& setting, int times = 1) {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    StopSetting own = setting;
    own.overdue = [] { _exit(ended_hard); };
    const StopSignals signals(own);
    for (int i = 0; i < times; ++i) {
      kill(getpid(), number);
      std::this_thread::sleep_for(milliseconds(30));
    }
    const Instant until = now() + seconds(3);
    while (!signals.token().stop_requested() && now() < until) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    std::this_thread::sleep_for(hangs);
    _exit(signals.token().stop_requested() ? ended_by_request : went_on);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

TEST_CASE("every signal that would end the program asks it to stop") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM,
                           SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU, SIGRTMIN, SIGRTMAX}) {
    CAPTURE(number);
    CHECK(end_of(number, milliseconds(0), {}) == ended_by_request);
  }
}

TEST_CASE("who starts it in the background, or with nohup, is not misunderstood") {
  for (const int number : {SIGINT, SIGQUIT, SIGTERM}) {
    CAPTURE(number);
    const auto before = std::signal(number, SIG_IGN);
    CHECK(end_of(number, milliseconds(0), {}) == ended_by_request);
    std::signal(number, before);
  }
  const auto before = std::signal(SIGHUP, SIG_IGN);
  CHECK(end_of(SIGHUP, milliseconds(0), {}) == went_on);
  std::signal(SIGHUP, before);
}

TEST_CASE("a stop that hangs is ended after its budget") {
  CHECK(end_of(SIGQUIT, seconds(30),
               {.doing = "", .patience = seconds(20), .budget = milliseconds(200)}) == ended_hard);
}

TEST_CASE("a further signal ends a stop that has had its time, and not before") {
  CHECK(end_of(SIGINT, seconds(30),
               {.doing = "", .patience = milliseconds(50), .budget = seconds(60)},
               5) == ended_hard);
  CHECK(end_of(SIGINT, milliseconds(100),
               {.doing = "", .patience = seconds(20), .budget = seconds(60)},
               5) == ended_by_request);
}

}  // namespace
}  // namespace seatrial::run
