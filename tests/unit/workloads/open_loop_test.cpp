// What an open loop knows of messages that are not due yet.
#include "workloads/open_loop.hpp"

#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

using seatrial::test::ms;
constexpr std::int64_t start = 1'000'000'000;

}  // namespace

TEST_CASE("open loop: when more messages will be due, by the schedule") {
  TrialClock clock;
  clock.start_ns = start;
  LaneContext lane;
  lane.clock = &clock;
  const auto shape = GENERATE(measure::Arrivals::Shape::constant, measure::Arrivals::Shape::bursts);
  OpenLoop loop({.rate = parse_rate("1000/s").value(), .arrivals = {.shape = shape, .burst = 10}},
                lane);
  loop.start();
  loop.turn({}, start);
  const bool bursts = shape == measure::Arrivals::Shape::bursts;
  const auto due = [&](std::int64_t n) { return start + (bursts ? n / 10 * 10 : n) * ms; };
  constexpr std::int64_t never = INT64_MAX;
  CHECK(loop.due_ns(1, never) == due(0));
  CHECK(loop.due_ns(6, never) == due(5));
  CHECK(loop.due_ns(40, start + 20 * ms) == start + 20 * ms);
  std::vector<std::int64_t> intended;
  CHECK(loop.take_due(15, start + 100 * ms, intended) == 15);
  CHECK(intended.back() == due(14));
  CHECK(loop.due_ns(25, never) == due(39));
  // Nearer than what was asked for before: it is known no more, and the next one is before it.
  CHECK(loop.due_ns(3, never) == due(15));
  CHECK(loop.due_ns(26, never) == due(40));
}

TEST_CASE("open loop: what falls due within a time after the next message, gathered") {
  TrialClock clock;
  clock.start_ns = start;
  LaneContext lane;
  lane.clock = &clock;
  OpenLoop loop({.rate = parse_rate("1000/s").value()}, lane);
  loop.start();
  loop.turn({}, start);
  CHECK(loop.last_due_ns(0) == start);
  CHECK(loop.last_due_ns(ms / 2) == start);  // alone: it waits for none
  CHECK(loop.last_due_ns(3 * ms) == start + 3 * ms);
  std::vector<std::int64_t> intended;
  CHECK(loop.take_due(2, start + 10 * ms, intended) == 2);  // woken early
  CHECK(loop.last_due_ns(ms) == start + 3 * ms);
  CHECK(loop.take_due(6, start + 10 * ms, intended) == 6);  // late
  CHECK(loop.last_due_ns(ms) == start + 9 * ms);
}
