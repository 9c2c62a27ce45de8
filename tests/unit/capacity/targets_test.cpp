// What a target may be, and what each wrong one is told.
#include "capacity/targets.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"
#include "unit/capacity/plans.hpp"

namespace seatrial::capacity {
namespace {

using by_hand::trial_of;
using test::contains;

std::string refused(const std::string& slo, const std::vector<std::string>& settings = {}) {
  const auto targets = targets_of({slo}, trial_of(settings));
  INFO(slo);
  REQUIRE_FALSE(targets);
  return targets.error().message;
}

TEST_CASE("targets are read as expectations are, and loss is always one", "[capacity]") {
  const auto targets = targets_of({"p99(produce.response) <= 20ms", "failed == 0"}, trial_of());
  REQUIRE(targets);
  REQUIRE(targets->size() == 3);
  CHECK(targets->at(0).value == 20e6);
  CHECK(targets->at(2).text == "acked_lost == 0");
  const auto once = targets_of({"acked_lost == 0"}, trial_of());
  REQUIRE(once);
  CHECK(once->size() == 1);
}

TEST_CASE("a target that no search could end on is refused, and says what to change",
          "[capacity]") {
  CHECK(contains(refused("p99(produce.respons) <= 20ms"), "did you mean 'response'"));
  CHECK(contains(refused("p99(produec.response) <= 20ms"), "did you mean 'produce'"));
  CHECK(contains(refused("p99(read.response) <= 20ms"), "has no 'response'"));
  CHECK(contains(refused("p99(produce.response) >= 20ms"), "low loads keep"));
  CHECK(contains(refused("p99(produce.response) <= 0ms"), "no load can meet it"));
  CHECK(contains(refused("acked >= 1000"), "low loads keep"));
  CHECK(contains(refused("acked <= 1000"), "grows with a trial's length"));
  CHECK(contains(refused("unknown_share <= 200%"), "holds whatever happens"));
  CHECK(contains(refused("p99.9(produce.response) <= 20ms", {"phases.measure=1s"}), "it needs"));
  CHECK(contains(refused("p99(produce.response) <= 5ms"), "linger.ms"));
  CHECK(contains(refused("transactions_aborted == 0"), "--slo"));
  CHECK(contains(refused("broker_cpu <= 90%"), "the mock has no processes"));
}

}  // namespace
}  // namespace seatrial::capacity
