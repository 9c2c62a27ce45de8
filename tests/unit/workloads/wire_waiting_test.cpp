// When messages leave by plan, and how late those are that a lane comes to after that.
#include "workloads/wire_waiting.hpp"

#include <algorithm>
#include <string_view>

#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::workloads;

namespace {

void take(Waiting& waiting, const std::vector<std::int64_t>& times, std::int64_t now_ns) {
  waiting.intended_ns.insert(waiting.intended_ns.end(), times.begin(), times.end());
  waiting.took(times.size(), now_ns);
}

// By message: when it counts as sent.
std::vector<std::int64_t> send(Waiting& waiting, std::size_t messages, std::int64_t late_ns = 0) {
  WireBatch batch;
  waiting.move_to(batch, messages, late_ns);
  waiting.drop(messages);
  std::vector<std::int64_t> out;
  for (const Taken& taken : batch.taken) {
    for (std::size_t i = 0; i < taken.messages; ++i) {
      out.push_back(taken.sent.of(batch.intended_ns[out.size()]));
    }
  }
  CHECK(out.size() == messages);
  return out;
}

using Times = std::vector<std::int64_t>;

// A second of a lane of one partition that does what it has to in no time at all.
struct Simulated {
  std::uint64_t wakes = 0, messages = 0, batches = 0;
  std::int64_t latest_ns = 0;  // departure, after the planned one
};

Simulated simulate(std::string_view rate, std::int64_t linger_ns, std::size_t most_in_batch) {
  constexpr std::int64_t begin_ns = 1'000'000'000, end_ns = 2 * begin_ns;
  TrialClock clock;
  clock.start_ns = begin_ns;
  clock.intend_until_ns = end_ns;
  LaneContext lane;
  lane.clock = &clock;
  OpenLoop loop({.rate = parse_rate(rate).value()}, lane);
  loop.start();
  Waiting waiting(linger_ns);
  Simulated out;
  for (std::int64_t now_ns = begin_ns; now_ns < end_ns; ++out.wakes) {
    loop.turn({}, now_ns);
    waiting.took(loop.take_due(SIZE_MAX, now_ns, waiting.intended_ns), now_ns);
    while (waiting.count() > 0 &&
           (waiting.count() >= most_in_batch || waiting.leaves_ns() <= now_ns)) {
      const std::size_t leaving = std::min(waiting.count(), most_in_batch);
      const bool full = leaving == most_in_batch;
      const std::int64_t planned_ns =
          full ? waiting.waiting_ns()[leaving - 1] : waiting.leaves_ns();
      out.latest_ns = std::max(out.latest_ns, now_ns - planned_ns);
      out.messages += send(waiting, leaving).size();
      ++out.batches;
    }
    const bool any = waiting.count() > 0;
    now_ns = wake_ns(loop, linger_ns,
                     {.leaves_ns = any ? waiting.leaves_ns() : INT64_MAX,
                      .missing = most_in_batch - waiting.count(),
                      .room = 1'000'000,
                      .no_later_ns = now_ns + 100'000'000},
                     now_ns);
  }
  return out;
}

}  // namespace

TEST_CASE("waiting: with linger a lane wakes once for a batch, at its planned departure") {
  struct Case {
    std::string_view rate;
    std::int64_t linger_ns;
    std::size_t most;
    std::uint64_t least_messages, most_wakes;
  };
  const auto one = GENERATE(Case{"20000/s", 1'000'000, 10'000, 19'900, 1'002},
                            Case{"20000/s", 5'000'000, 10'000, 19'800, 202},
                            Case{"100000/s", 1'000'000, 10'000, 99'800, 1'002},
                            Case{"20000/s", 5'000'000, 40, 19'800, 502},  // full before
                            Case{"100/s", 1'000'000, 10'000, 99, 101});
  const Simulated lane = simulate(one.rate, one.linger_ns, one.most);
  CHECK(lane.messages >= one.least_messages);
  CHECK(lane.wakes <= one.most_wakes);
  CHECK(lane.batches <= lane.wakes);
  CHECK(lane.latest_ns <= 50'000);  // the shortest nap
}

TEST_CASE("waiting: without linger a lane wakes for each message, but for naps too short to pay") {
  const Simulated slow = simulate("1000/s", 0, 10'000);
  CHECK(slow.wakes >= 1000);
  CHECK(slow.wakes <= 1001);
  const Simulated fast = simulate("100000/s", 0, 10'000);
  CHECK(fast.wakes <= 20'001);
  CHECK(fast.messages >= 99'990);
}

TEST_CASE("waiting: with linger a message is sent when due, and late as its batch is") {
  Waiting waiting(100);
  CHECK(waiting.next_ns() == INT64_MAX);
  take(waiting, {1000, 1040, 1090}, 1095);
  CHECK(waiting.leaves_ns() == 1100);
  CHECK(waiting.next_ns() == 1100);
  take(waiting, {1100}, 1100);
  CHECK(waiting.together() == 4);
  SECTION("in time") {
    waiting.come_to(1100);
    CHECK(send(waiting, 4) == Times{1000, 1040, 1090, 1100});
  }
  SECTION("late") {
    waiting.come_to(1130);
    CHECK(send(waiting, 4) == Times{1030, 1070, 1120, 1130});
  }
  SECTION("full, and late by what the message that filled it says") {
    CHECK(send(waiting, 3, 5) == Times{1005, 1045, 1095});
    CHECK(waiting.leaves_ns() == 1100);  // the rest keeps its time
    waiting.come_to(1107);
    CHECK(send(waiting, 1) == Times{1107});
  }
  CHECK(waiting.count() == 0);
  CHECK(waiting.next_ns() == INT64_MAX);
}

TEST_CASE("waiting: after a stall each planned batch is late by itself, whatever leaves together") {
  Waiting waiting(100);
  take(waiting, {1000, 1050, 1150, 1200, 1400}, 1450);
  CHECK(waiting.leaves_ns() == 1100);
  CHECK(waiting.together() == 2);
  waiting.come_to(1450);
  CHECK(waiting.next_ns() == 1500);
  // The last has not lingered yet and goes along, as it is due: it is not late.
  CHECK(send(waiting, 5) == Times{1350, 1400, 1350, 1400, 1400});
  // The next one begins a batch of its own, although it falls into the linger of one that has left.
  take(waiting, {1480}, 1490);
  CHECK(waiting.leaves_ns() == 1580);
}

TEST_CASE("waiting: a latecomer leaves by plan with those whose linger it falls into") {
  Waiting waiting(100);
  take(waiting, {1000, 1010}, 1400);
  waiting.come_to(1400);
  take(waiting, {1020, 1200}, 1500);
  CHECK(waiting.next_ns() == 1100);
  waiting.come_to(1500);
  CHECK(send(waiting, 4) == Times{1300, 1310, 1420, 1400});
}

TEST_CASE("waiting: what a broker has no room for is not late for that") {
  Waiting waiting(100);
  take(waiting, {1000}, 1100);
  waiting.come_to(1103);
  take(waiting, {1150}, 1200);
  CHECK(waiting.next_ns() == 1250);
  waiting.come_to(1251);
  waiting.come_to(9000);
  CHECK(send(waiting, 2) == Times{1003, 1151});
}

TEST_CASE("waiting: without linger a message is sent when it is taken") {
  Waiting waiting(0);
  take(waiting, {1000, 1040}, 1050);
  CHECK(waiting.leaves_ns() == 1050);
  take(waiting, {1045}, 1050);
  CHECK(waiting.together() == 3);
  waiting.come_to(1050);
  take(waiting, {1048, 1060}, 1070);
  CHECK(waiting.taken_ns() == 1050);
  CHECK(send(waiting, 3, 40) == Times{1050, 1050, 1050});
  CHECK(waiting.taken_ns() == 1070);
  CHECK(send(waiting, 2) == Times{1070, 1070});
}
