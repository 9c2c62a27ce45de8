// Strangers' work is what is left when ours and the kernel's are taken away.
#include "measure/foreign_cpu.hpp"

#include <atomic>
#include <thread>

#include "core/time.hpp"
#include "measure/machine.hpp"
#include "support/catch.hpp"

namespace seatrial::measure {
namespace {

CpuAccount account(double at_s, double worked_s, double own_s, double shared_s) {
  return {.at = Instant{} + milliseconds(static_cast<std::int64_t>(at_s * 1e3)),
          .worked_s = worked_s,
          .own_s = own_s,
          .shared_s = shared_s};
}

TEST_CASE("foreign cpu: what worked, less ours and the kernel's, per second") {
  const auto before = account(0, 100, 50, 10);
  CHECK(foreign_cores(before, account(10, 118, 60, 12)).value() == Approx(0.6));
  CHECK(foreign_cores(before, account(10, 110, 60, 12)) == 0.0);  // never below none
  CHECK(foreign_cores(before, account(10, 118, 60, 2)).value() == Approx(0.8));
  CHECK(!foreign_cores(before, account(0.5, 101, 50, 10)));
  CHECK(!foreign_cores(before, {.at = Instant{} + seconds(10)}));
}

TEST_CASE("foreign cpu: this machine says what it worked, and our own work is not foreign") {
  const auto before = open_cpu_account(sample_machine(), 0);
  std::atomic<bool> stop{false};
  std::thread busy([&stop] {
    while (!stop) {
    }
  });
  std::this_thread::sleep_for(milliseconds(1500));
  const auto counted = open_cpu_account(sample_machine(), 0);
  const auto as_stranger = CpuAccount{.at = counted.at,
                                      .worked_s = counted.worked_s,
                                      .own_s = before.own_s,
                                      .shared_s = counted.shared_s};
  stop = true;
  busy.join();
  REQUIRE(before.worked_s);
  const auto ours = foreign_cores(before, counted), strangers = foreign_cores(before, as_stranger);
  REQUIRE((ours && strangers));
  // Whatever else runs here: work that we do not call ours is counted on top of it.
  CHECK(*strangers - *ours > 0.1);
}

}  // namespace
}  // namespace seatrial::measure
