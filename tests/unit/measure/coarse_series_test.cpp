// A series of fixed size: sums stay, edges stay, and one that fits is as it was.
#include "measure/coarse_series.hpp"

#include <vector>

#include "support/catch.hpp"

namespace seatrial::measure {
namespace {

using Counts = CoarseSeries<std::int64_t>;

void add(Counts::Interval& into, const Counts::Interval& later) { into.value += later.value; }

void fill(Counts& series, std::int64_t from, std::int64_t to) {
  for (std::int64_t second = from; second < to; ++second) {
    series.at(second)->second.value += second;
    series.coarsen(add);
  }
}

std::vector<std::int64_t> firsts(const Counts& series) {
  std::vector<std::int64_t> out;
  for (const auto& [first, interval] : series.intervals()) out.push_back(first);
  return out;
}

TEST_CASE("coarse series: one that was never full is as if it could not be") {
  Counts series({.capacity = 8});
  fill(series, -3, 5);
  CHECK(firsts(series) == std::vector<std::int64_t>{-3, -2, -1, 0, 1, 2, 3, 4});
  for (const auto& [first, interval] : series.intervals()) {
    CHECK(interval.length == 1);
    CHECK(interval.value == first);
  }
}

TEST_CASE("coarse series: when it is full, neighbours are joined in blocks of a power of two") {
  Counts series({.capacity = 8});
  fill(series, 0, 9);
  CHECK(firsts(series) == std::vector<std::int64_t>{0, 2, 4, 6, 8});
  CHECK(series.intervals().at(2).value == 2 + 3);
  CHECK(series.intervals().at(2).length == 2);
  CHECK(series.intervals().at(8).length == 1);
}

TEST_CASE("coarse series: a day takes no more than the capacity, and loses nothing") {
  Counts series({.capacity = 64});
  constexpr std::int64_t day = 86'400;
  std::size_t most = 0;
  for (std::int64_t second = 0; second < day; ++second) {
    fill(series, second, second + 1);
    most = std::max(most, series.intervals().size());
  }
  CHECK(most <= 64);
  std::int64_t sum = 0, end = 0;
  for (const auto& [first, interval] : series.intervals()) {
    CHECK(first == end);
    CHECK(interval.first == first);
    end = first + interval.length;
    sum += interval.value;
  }
  CHECK(end == day);
  CHECK(sum == day * (day - 1) / 2);
}

TEST_CASE("coarse series: nothing is joined across an edge") {
  Counts series({.capacity = 16});
  for (const std::int64_t edge : {0, 77, 78}) series.edge(edge);
  fill(series, -50, 1000);
  CHECK(series.intervals().size() <= 16);
  CHECK(series.intervals().contains(0));
  CHECK(series.intervals().at(77).length == 1);
  CHECK(series.intervals().contains(78));
}

TEST_CASE("coarse series: more edges than it has room for are forgotten") {
  Counts series({.capacity = 16});
  for (std::int64_t edge = 0; edge < 1000; edge += 3) series.edge(edge);
  fill(series, 0, 1000);
  CHECK(series.intervals().size() <= 16);
  for (const std::int64_t edge : {3, 6, 9}) CHECK(series.intervals().contains(edge));
}

TEST_CASE("coarse series: the newest seconds stay by themselves") {
  Counts series({.capacity = 32, .fresh = 10});
  for (std::int64_t second = 0; second < 500; ++second) {
    fill(series, second, second + 1);
    for (std::int64_t back = 0; back < std::min<std::int64_t>(10, second); ++back)
      REQUIRE(series.intervals().at(second - back).length == 1);
  }
}

TEST_CASE("coarse series: what comes late goes to the interval of its second") {
  Counts series({.capacity = 8});
  fill(series, 0, 9);
  series.at(3)->second.value += 100;
  CHECK(series.intervals().at(2).value == 105);
  CHECK(series.intervals().size() == 5);
}

TEST_CASE("coarse series: seconds that lie far apart are kept within the capacity, too") {
  Counts series({.capacity = 8});
  for (std::int64_t i = -50; i < 50; ++i) {
    series.at(i * 90'000'000)->second.value += 1;
    series.coarsen(add);
  }
  std::int64_t sum = 0;
  for (const auto& [first, interval] : series.intervals()) sum += interval.value;
  CHECK(sum == 100);
  CHECK(series.intervals().size() <= 8);
}

TEST_CASE("coarse series: made from intervals, it goes on where they were joined") {
  Counts whole({.capacity = 16});
  fill(whole, 0, 100);
  Counts again({.capacity = 16});
  for (const auto& [first, interval] : whole.intervals()) again.put(interval);
  fill(whole, 100, 300);
  fill(again, 100, 300);
  CHECK(firsts(whole) == firsts(again));
}

}  // namespace
}  // namespace seatrial::measure
