// Opening and settling allocate nothing: operator new is replaced for this whole program, and
// counts per thread.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#include "ledger/ledger.hpp"
#include "support/catch.hpp"

namespace {

thread_local std::size_t allocations = 0;

void* allocate(std::size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace seatrial;
using namespace seatrial::ledger;

TEST_CASE("the producing path allocates nothing, whatever becomes of its messages", "[ledger]") {
  // Few runs, so that they are compacted and outcomes dropped, and long enough to fold the tables.
  Ledger ledger({{LaneId{0}, "produce", "orders", 2, 64}}, 64);
  LaneLedger lane = ledger.lane(0);
  std::vector<SlotIndex> slots(60);
  const std::size_t before = allocations;
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
  CHECK(allocations == before);
  CHECK(ledger.snapshot()[0].outcomes_dropped > 0);
  CHECK(ledger.offsets()[0].span_shift > 4);
  CHECK(ledger.offsets()[0].sum_shift > 8);
  // The count does count.
  const std::size_t counted = allocations;
  const std::vector<int> some(3);
  CHECK(allocations > counted);
}
