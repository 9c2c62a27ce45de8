// IntervalSet against a std::set of the same numbers, and its edges one by one.
#include "core/interval_set.hpp"

#include <limits>
#include <random>
#include <set>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"

using seatrial::IntervalSet;

namespace {

using Intervals = std::vector<IntervalSet::Interval>;

IntervalSet of(const Intervals& intervals) {
  IntervalSet out;
  for (const auto& i : intervals) out.insert(i.begin, i.end);
  return out;
}

// The intervals that hold exactly these numbers.
Intervals intervals_of(const std::set<std::uint64_t>& numbers) {
  Intervals out;
  for (const std::uint64_t n : numbers) {
    if (!out.empty() && out.back().end == n) {
      ++out.back().end;
    } else {
      out.push_back({n, n + 1});
    }
  }
  return out;
}

}  // namespace

TEST_CASE("an interval set joins what touches", "[interval_set]") {
  IntervalSet set;
  CHECK(set.empty());
  CHECK(set.count() == 0);
  CHECK_FALSE(set.contains(0));
  CHECK(set.insert(0));
  CHECK(set.insert(1));
  CHECK_FALSE(set.insert(1));
  CHECK(set.insert(5));
  CHECK(set.insert(3));
  CHECK(set.intervals() == Intervals{{0, 2}, {3, 4}, {5, 6}});
  CHECK(set.insert(2));
  CHECK(set.intervals() == Intervals{{0, 4}, {5, 6}});
  CHECK(set.insert(4));
  CHECK(set.intervals() == Intervals{{0, 6}});
  CHECK(set.count() == 6);
}

TEST_CASE("an interval set takes ranges", "[interval_set]") {
  IntervalSet set = of({{10, 20}, {30, 40}, {50, 60}});
  SECTION("an empty one changes nothing") { set.insert(25, 25); CHECK(set.count() == 30); }
  SECTION("touching both neighbours") {
    set.insert(20, 30);
    CHECK(set.intervals() == Intervals{{10, 40}, {50, 60}});
  }
  SECTION("over several") {
    set.insert(5, 55);
    CHECK(set.intervals() == Intervals{{5, 60}});
  }
  SECTION("from zero") {
    set.insert(0, 5);
    CHECK(set.intervals() == Intervals{{0, 5}, {10, 20}, {30, 40}, {50, 60}});
  }
  SECTION("erased inside, across, and nothing") {
    set.erase(12, 14);
    set.erase(35, 55);
    set.erase(41, 50);
    set.erase(7, 7);
    CHECK(set.intervals() == Intervals{{10, 12}, {14, 20}, {30, 35}, {55, 60}});
  }
}

TEST_CASE("the largest number is refused, its neighbour is not", "[interval_set]") {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  IntervalSet set;
  CHECK(set.insert(largest - 1));
  CHECK(set.contains(largest - 1));
  CHECK_THROWS_AS(set.insert(largest), seatrial::InvariantBroken);
}

TEST_CASE("interval sets behave as sets of numbers", "[interval_set]") {
  std::mt19937_64 random(20261121);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  for (int round = 0; round < 300; ++round) {
    IntervalSet set, other;
    std::set<std::uint64_t> numbers, others;
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t a = below(64);
      const std::uint64_t b = a + below(9);
      switch (below(4)) {
        case 0: REQUIRE(set.insert(a) == numbers.insert(a).second); break;
        case 1:
          set.insert(a, b);
          for (auto n = a; n < b; ++n) numbers.insert(n);
          break;
        case 2:
          set.erase(a, b);
          for (auto n = a; n < b; ++n) numbers.erase(n);
          break;
        default: REQUIRE(other.insert(a) == others.insert(a).second);
      }
      REQUIRE(set.intervals() == intervals_of(numbers));
    }
    std::set<std::uint64_t> minus, both;
    for (const auto n : numbers) (others.contains(n) ? both : minus).insert(n);
    REQUIRE(set.minus(other).intervals() == intervals_of(minus));
    REQUIRE(set.intersect(other).intervals() == intervals_of(both));
    REQUIRE(set.count() == numbers.size());
    for (std::uint64_t n = 0; n < 80; ++n) REQUIRE(set.contains(n) == numbers.contains(n));
  }
}
