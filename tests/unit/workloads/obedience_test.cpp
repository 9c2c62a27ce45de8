// What a member does that faults want something of: it waits before a poll, and takes longer.
#include "workloads/obedience.hpp"

#include <thread>

#include "support/catch.hpp"

namespace seatrial::workloads {
namespace {

const auto never = [] { return false; };

TEST_CASE("nobody is obeyed where nobody wants anything") {
  Obedience free(nullptr);
  free.await_poll(never);
  free.polled();
  free.handle(nanoseconds(0));
  CHECK(free.slower_by() == nanoseconds(0));
  ClientConduct conduct;
  Obedience idle(&conduct);
  idle.await_poll(never);
  idle.handle(nanoseconds(0));
  CHECK(conduct.poll_gap_ns == 0);
  CHECK(conduct.slowed == 0);
}

TEST_CASE("a member that shall not poll waits until it may, and says how long it was") {
  ClientConduct conduct;
  Obedience obedience(&conduct);
  obedience.polled();
  conduct.skips_polls = true;
  const Instant begun = now();
  std::jthread healer([&] {
    while (conduct.not_polling_since_ns == 0) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(30));
    conduct.skips_polls = false;
  });
  obedience.await_poll(never);
  CHECK(now() - begun >= milliseconds(30));
  CHECK(conduct.poll_gap_ns >= 30'000'000);
  CHECK(conduct.not_polling_since_ns == 0);
}

TEST_CASE("the end of the trial ends that, too") {
  ClientConduct conduct;
  conduct.skips_polls = true;
  Obedience(&conduct).await_poll([] { return true; });
  CHECK(conduct.not_polling_since_ns == 0);
}

TEST_CASE("each message takes longer by what is asked, and counts") {
  ClientConduct conduct;
  conduct.slower_by_ns = 5'000'000;
  const Obedience obedience(&conduct);
  CHECK(obedience.slower_by() == milliseconds(5));
  const Instant begun = now();
  obedience.handle(milliseconds(1));
  CHECK(now() - begun >= milliseconds(6));
  CHECK(conduct.slowed == 1);
}

}  // namespace
}  // namespace seatrial::workloads
