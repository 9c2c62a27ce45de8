// Opening and settling allocate nothing.
#include <vector>

#include "ledger/ledger.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

using namespace seatrial;
using namespace seatrial::ledger;

TEST_CASE("the producing path allocates nothing, whatever becomes of its messages", "[ledger]") {
  if (!test::allocations_are_counted()) SEATRIAL_SKIP("allocations are not counted in this build");
  // Few runs, so that they are compacted and outcomes dropped, and long enough to fold the tables.
  Ledger ledger({{LaneId{0}, "produce", "orders", 2, 64}}, 64);
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots(60);
  const std::size_t before = test::allocations();
  std::int64_t offset = 0;
  for (int round = 0; round < 200'000; ++round) {
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = lane.open(i % 2, offset);
    lane.retract(slots.back());
    for (std::size_t i = slots.size() - 1; i > 0; --i) {
      const Outcome outcome = round % 1000 == 0 && i % 7 == 0   ? Outcome::failed
                              : round % 1000 == 0 && i % 5 == 0 ? Outcome::unknown
                                                                : Outcome::acked;
      lane.settle(slots[i - 1], outcome, round % 3 == 0 ? offset++ : offset - i % 10);
      offset += 50;
    }
    if (lane.full()) break;
  }
  CHECK(test::allocations() == before);
  CHECK(ledger.snapshot()[0].outcomes_dropped > 0);
  CHECK(ledger.offsets()[0].span_shift > 4);
  CHECK(ledger.offsets()[0].sum_shift > 8);
  // The count does count.
  const std::size_t counted = test::allocations();
  const std::vector<int> some(3);
  CHECK(test::allocations() > counted);
}
