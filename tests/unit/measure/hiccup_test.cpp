// The hiccup meter's arithmetic on made-up times, and that its threads run and end.
#include "measure/hiccup.hpp"

#include <algorithm>
#include <thread>

#include "core/check.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

using namespace seatrial;
using namespace seatrial::measure;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
using seatrial::test::ms;

}  // namespace

TEST_CASE("hiccup: a gap counts by how much it exceeds the shortest one seen") {
  HiccupTally tally(0);
  tally.observe(0, ms + 60'000, ms);            // the shortest so far: 0
  tally.observe(2 * ms, 3 * ms + 50'000, ms);   // shorter still: 0
  tally.observe(4 * ms, 5 * ms + 650'000, ms);  // 0.6 ms more than the shortest
  const HiccupReport report = tally.report();
  CHECK(report.histogram.count() == 3);
  CHECK(report.histogram.bucket_of(0).count == 2);
  CHECK(report.histogram.bucket_of(600'000).count == 1);
  CHECK(report.max_ns() == 600'000);
  CHECK(report.threads == 1);
}

TEST_CASE("hiccup: every second that a hang touches carries it, relative to zero") {
  HiccupTally tally(10 * second_ns);
  tally.observe(8 * second_ns, 8 * second_ns + ms, ms);
  tally.observe(9 * second_ns + 500 * ms, 11 * second_ns + 501 * ms, ms);
  const auto max = tally.report().max_by_second;
  CHECK(max == BySecond<std::int64_t>{
                   {-2, 0}, {-1, 2 * second_ns}, {0, 2 * second_ns}, {1, 2 * second_ns}});
}

TEST_CASE("hiccup: a hang weighs as much as the samples it swallowed") {
  HiccupTally tally(0);
  for (std::int64_t i = 0; i < 10'000; ++i) tally.observe(i * ms, (i + 1) * ms, ms);
  tally.observe(10'000 * ms, 10'501 * ms, ms);  // 500 ms in 10.5 s: 5 % of the time
  const HiccupReport report = tally.report();
  CHECK(report.histogram.count() == 10'000 + 500);
  CHECK(report.histogram.value_at(99) > 380 * ms);
  CHECK(report.histogram.value_at(94) < ms);
}

TEST_CASE("hiccup: threads add up, and the worst of them is each second's") {
  HiccupTally one(0);
  HiccupTally two(0);
  one.observe(0, ms, ms);
  one.observe(ms, 3 * ms, ms);
  two.observe(0, ms, ms);
  two.observe(ms, 6 * ms, ms);
  two.observe(second_ns, second_ns + ms, ms);
  HiccupReport sum = one.report();
  sum.add(two.report());
  CHECK(sum.threads == 2);
  CHECK(sum.max_by_second == BySecond<std::int64_t>{{0, 4 * ms}, {1, 0}});
  CHECK(sum.histogram.count() == one.report().histogram.count() + two.report().histogram.count());
  HiccupReport other_way = two.report();
  other_way.add(one.report());
  CHECK(other_way.max_by_second == sum.max_by_second);
}

TEST_CASE("hiccup: the meter's threads sleep, count and end") {
  HiccupReport report;
  // As long as it takes until the machine lets one of the threads run.
  for (auto length = 10ms; report.histogram.count() == 0 && length < 60s; length *= 2) {
    HiccupMeter meter(now(), 1ms);
    std::this_thread::sleep_for(length);
    report = meter.stop();
    CHECK_THROWS_AS(meter.stop(), InvariantBroken);
  }
  CHECK(report.threads >= 1);
  REQUIRE(report.cores.size() == static_cast<std::size_t>(report.threads));
  std::int64_t longest = 0;
  for (const auto& core : report.cores) longest = std::max(longest, core.max_ns);
  CHECK(longest == report.max_ns());
  CHECK(report.histogram.count() > 0);
  CHECK(report.histogram.impossible() == 0);
  CHECK_FALSE(report.max_by_second.empty());
  const Instant begun = now();
  HiccupMeter seldom(now(), 20ms);
  std::this_thread::sleep_for(100ms);
  report = seldom.stop();
  CHECK(report.histogram.count() <=
        static_cast<std::uint64_t>(report.threads * ((now() - begun) / 20ms)));
  const HiccupMeter never_stopped(now(), 1ms);  // its destructor ends the threads
}
