// The open loop's schedule: exact, without drift, shared among lanes.
#include "measure/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"

using seatrial::InvariantBroken;
using seatrial::Rate;
using seatrial::measure::Arrivals;
using seatrial::measure::constant_intended_ns;
using seatrial::measure::Pacer;
using std::chrono::nanoseconds;

namespace {

Rate per_second(std::uint64_t messages) { return {.messages = messages}; }

std::vector<std::int64_t> first_times(Pacer pacer, int count) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < count; ++i) {
    times.push_back(pacer.next_ns());
    pacer.advance();
  }
  return times;
}

}  // namespace

TEST_CASE("pacer: constant gaps are the exact quotient, not a rounded interval") {
  // 3/s: 333333333.33 ns; every third message falls on a whole second again.
  Pacer pacer(per_second(3), Arrivals::constant, 0, 1, 1000, 0);
  for (std::int64_t second = 0; second < 1000; ++second) {
    CHECK(pacer.next_ns() == 1000 + second * 1'000'000'000);
    pacer.advance();
    CHECK(pacer.next_ns() == 1000 + second * 1'000'000'000 + 333'333'333);
    pacer.advance();
    CHECK(pacer.next_ns() == 1000 + second * 1'000'000'000 + 666'666'666);
    pacer.advance();
  }
  CHECK(pacer.taken() == 3000);
}

TEST_CASE("pacer: message 10^12 is exact, and so are those around it") {
  constexpr std::uint64_t far = 1'000'000'000'000;
  // 7 messages in 3 us: i * 3000 / 7, by hand for 10^12: 428571428571428.57...
  const Rate rate{.messages = 7, .per = nanoseconds(3000)};
  CHECK(constant_intended_ns(rate, far, 0) == 428'571'428'571'428);
  Pacer pacer(rate, Arrivals::constant, 0, 1, 0, 0);
  pacer.skip(far - 1000);
  for (std::uint64_t i = far - 1000; i < far + 1000; ++i) {
    REQUIRE(pacer.next_ns() == constant_intended_ns(rate, i, 0));
    pacer.advance();
  }
  CHECK(pacer.taken() == far + 1000);
}

TEST_CASE("pacer: a day of an awkward rate ends where it should") {
  // 999,983/s for a day, and its messages' numbers times 10^9 do not fit 64 bits.
  const Rate rate = per_second(999'983);
  const std::uint64_t day = 999'983ULL * 86'400;
  CHECK(constant_intended_ns(rate, day, 5) == 86'400'000'000'005);
  Pacer pacer(rate, Arrivals::constant, 0, 1, 5, 0);
  pacer.skip(day);
  CHECK(pacer.next_ns() == 86'400'000'000'005);
}

TEST_CASE("pacer: stepping and jumping agree") {
  const Rate rate{.messages = 1'234'567, .per = nanoseconds(987'654'321)};
  Pacer stepped(rate, Arrivals::constant, 1, 3, -50, 0);
  for (int i = 0; i < 200'000; ++i) stepped.advance();
  Pacer jumped(rate, Arrivals::constant, 1, 3, -50, 0);
  jumped.skip(200'000);
  CHECK(stepped.next_ns() == jumped.next_ns());
  CHECK(stepped.next_ns() == constant_intended_ns(rate, 1 + 3 * 200'000, -50));
}

TEST_CASE("pacer: lanes interleave to the common schedule") {
  for (const std::uint64_t messages : {1ULL, 3ULL, 7ULL, 5000ULL, 3'000'000'000ULL}) {
    const Rate rate = per_second(messages);
    constexpr int lanes = 4;
    std::vector<std::int64_t> together;
    for (int lane = 0; lane < lanes; ++lane) {
      const auto times = first_times({rate, Arrivals::constant, lane, lanes, 77, 0}, 250);
      together.insert(together.end(), times.begin(), times.end());
    }
    std::sort(together.begin(), together.end());
    CHECK(together == first_times({rate, Arrivals::constant, 0, 1, 77, 0}, 1000));
  }
}

TEST_CASE("pacer: poisson is reproducible by seed, and lanes differ") {
  const Rate rate = per_second(1000);
  const auto draw = [&](int lane, std::uint64_t seed) {
    return first_times({rate, Arrivals::poisson, lane, 2, 0, seed}, 1000);
  };
  CHECK(draw(0, 42) == draw(0, 42));
  CHECK(draw(0, 42) != draw(0, 43));
  CHECK(draw(0, 42) != draw(1, 42));
}

TEST_CASE("pacer: poisson gaps have the mean and the spread of their distribution") {
  constexpr int count = 400'000;
  const auto times = first_times({per_second(2000), Arrivals::poisson, 0, 2, 0, 1}, count);
  // Each of 2 lanes at 1000/s: mean 1 ms, standard deviation 1 ms; 5 standard errors.
  const double mean = static_cast<double>(times.back()) / count;
  CHECK(mean == Approx(1e6).epsilon(5 / std::sqrt(count)));
  double squares = 0;
  int longer = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const auto gap = static_cast<double>(times[i] - times[i - 1]);
    REQUIRE(gap >= 0);
    squares += (gap - mean) * (gap - mean);
    longer += gap > 1e6 ? 1 : 0;
  }
  CHECK(std::sqrt(squares / count) == Approx(mean).epsilon(0.02));
  CHECK(static_cast<double>(longer) / count == Approx(std::exp(-1)).epsilon(0.02));
}

TEST_CASE("pacer: poisson loses no fraction of a nanosecond") {
  // Mean gap 0.25 ns: with gaps rounded one by one the sum would be far off.
  constexpr int count = 1'000'000;
  const Rate rate{.messages = 4, .per = nanoseconds(1)};
  const auto times = first_times({rate, Arrivals::poisson, 0, 1, 0, 9}, count);
  CHECK(static_cast<double>(times.back()) == Approx(count / 4.0).epsilon(0.01));
}

TEST_CASE("pacer: poisson gaps may be hours") {
  const Rate rate{.messages = 1, .per = nanoseconds(36'000'000'000'000)};
  const auto times = first_times({rate, Arrivals::poisson, 0, 1, 0, 9}, 2000);
  CHECK(static_cast<double>(times.back()) == Approx(2000 * 3.6e13).epsilon(0.12));
}

TEST_CASE("pacer: skipping poisson messages is taking them") {
  Pacer stepped(per_second(1000), Arrivals::poisson, 0, 1, 0, 3);
  for (int i = 0; i < 500; ++i) stepped.advance();
  Pacer jumped(per_second(1000), Arrivals::poisson, 0, 1, 0, 3);
  jumped.skip(500);
  CHECK(stepped.next_ns() == jumped.next_ns());
  CHECK(jumped.taken() == 500);
}

TEST_CASE("pacer: what has no schedule is refused") {
  CHECK_THROWS_AS(Pacer({.unlimited = true}, Arrivals::constant, 0, 1, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(Pacer(per_second(0), Arrivals::constant, 0, 1, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(Pacer(per_second(1), Arrivals::constant, 2, 2, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(Pacer(per_second(1), Arrivals::poisson, 0, 0, 0, 0), InvariantBroken);
}
