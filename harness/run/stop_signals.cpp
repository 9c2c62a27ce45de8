// The handler only writes to a descriptor, on which a thread listens.
#include "run/stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "core/check.hpp"

namespace seatrial::run {
namespace {

int descriptor = -1;  // for the handler, which can be given nothing

void wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(descriptor, &one, sizeof one) == sizeof one);
}

// All whose default is to end the program, but for those that it causes itself when it is broken
// (SIGSEGV, SIGABRT, ...) and those that nobody can catch.
std::vector<int> ending_signals() {
  std::vector<int> all{SIGINT,    SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,   SIGUSR2, SIGALRM,
                       SIGVTALRM, SIGPROF, SIGIO,  SIGPWR,  SIGSTKFLT, SIGXCPU};
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) all.push_back(number);
  return all;
}

}  // namespace

StopSignals::StopSignals(StopSetting setting) : setting_(std::move(setting)) {
  if (descriptor < 0) descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  check(descriptor >= 0, "an eventfd for signals");
  struct sigaction action {};
  action.sa_handler = [](int) { wake(); };
  action.sa_flags = SA_RESTART;
  for (const int number : ending_signals()) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    // A shell ignores the first two for what a script starts beside itself; whoever sends one to
    // this very process means it.
    const bool always = number == SIGINT || number == SIGQUIT || number == SIGTERM;
    if (always || before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  // What they are about is told by the call that fails, too.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  listener_ = std::thread([this] { listen(); });
}

StopSignals::~StopSignals() {
  over_ = true;
  wake();
  listener_.join();
}

void StopSignals::listen() {
  while (!over_) {
    int wait_ms = -1;
    if (source_.stop_requested()) {
      const auto left = std::chrono::ceil<milliseconds>(first_ + setting_.budget - now()).count();
      if (left <= 0) return setting_.overdue();
      wait_ms = static_cast<int>(std::min<std::int64_t>(left, 60'000));
    }
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    poll(&waiting, 1, wait_ms);
    std::uint64_t count = 0;
    const bool woken = ::read(descriptor, &count, sizeof count) == sizeof count;
    if (woken && !over_) stop_or_end();
  }
}

void StopSignals::stop_or_end() {
  if (!source_.stop_requested()) {
    first_ = now();
    std::fprintf(stderr, "\nseatrial: stopping%s\n", setting_.doing.c_str());
    source_.request_stop();
    return;
  }
  if (now() - first_ >= setting_.patience) return setting_.overdue();
  std::fprintf(stderr, "\nseatrial: still stopping%s\n", setting_.doing.c_str());
}

}  // namespace seatrial::run
