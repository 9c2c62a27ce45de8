// The series of a load, longer than it keeps seconds: exact sums, extremes, and each second told.
#include <map>
#include <random>

#include "measure/recorder.hpp"
#include "support/catch.hpp"
#include "support/values.hpp"

namespace seatrial::measure {
namespace {

using seatrial::test::ms;

constexpr std::int64_t length = 200;
constexpr Coarseness small{.capacity = 24, .fresh = 4};
constexpr auto nobody = [](const SecondDelta&) {};

// A second of so many messages, each with its own latency.
SecondDelta second_of(std::int64_t second, std::uint64_t messages) {
  std::mt19937_64 engine(static_cast<std::uint64_t>(second) + 1);
  SecondDelta delta;
  delta.second = second;
  delta.intended = delta.acked = delta.done_acked = messages;
  auto histogram = std::make_unique<Histogram>(Histogram::coarse());
  for (std::uint64_t i = 0; i < messages; ++i)
    histogram->record(ms + static_cast<std::int64_t>(engine() % (100 * ms)));
  delta.latency[static_cast<int>(Metric::response)] = std::move(histogram);
  return delta;
}

std::uint64_t messages_in(std::int64_t second) {
  return second == 90 ? 0 : second == 120 ? 500 : 20 + static_cast<std::uint64_t>(second % 7);
}

// Second 90 had none, and 120 the most.
Series long_series(const Series::Settled& settled = nobody) {
  Series series(small);
  series.edge(50);
  for (std::int64_t second = 0; second < length; ++second) {
    if (messages_in(second) > 0) series.add(second_of(second, messages_in(second)));
    series.coarsen(settled);
  }
  return series;
}

Histogram sum_of(std::int64_t from, std::int64_t to) {
  Histogram sum = Histogram::coarse();
  for (std::int64_t second = from; second < to; ++second) {
    const SecondDelta delta = second_of(second, messages_in(second));
    sum.add(*delta.of(Metric::response));
  }
  return sum;
}

TEST_CASE("series: histograms and counts of joined seconds are their exact sums") {
  const Series series = long_series();
  REQUIRE(series.intervals().size() <= small.capacity);
  for (const auto& [first, interval] : series.intervals()) {
    CHECK(*interval.value.of(Metric::response) == sum_of(first, first + interval.length));
    std::uint64_t acked = 0;
    for (std::int64_t i = 0; i < interval.length; ++i) acked += messages_in(first + i);
    CHECK(interval.value.acked == acked);
    CHECK(interval.value.done_acked == acked);
  }
}

TEST_CASE("series: the least and the most of any second survive, and edges do") {
  const Series series = long_series();
  std::uint64_t least = UINT64_MAX, most = 0;
  for (const auto& [first, interval] : series.intervals()) {
    if (interval.length == 1) continue;
    least = std::min(least, interval.value.acks_arrived.least);
    most = std::max(most, interval.value.acks_arrived.most);
  }
  CHECK(least == 0);
  CHECK(most == 500);
  CHECK(series.intervals().contains(50));
}

TEST_CASE("series: chosen seconds are merged, and intervals that they cut are named") {
  const Series series = long_series();
  const auto merged = series.merged(Metric::response, [](std::int64_t s) { return s >= 50; });
  CHECK(merged.histogram == sum_of(50, length));
  CHECK(merged.cut.empty());
  const auto cut = series.merged(Metric::response, [](std::int64_t s) { return s != 57; });
  REQUIRE(cut.cut.size() == 1);
  const auto& interval = series.intervals().at(cut.cut[0]);
  REQUIRE(interval.length > 1);
  CHECK(cut.histogram.count() ==
        sum_of(0, length).count() - interval.value.of(Metric::response)->count());
  CHECK(cut.acked_known);
  CHECK(cut.acked == sum_of(0, length).count() - messages_in(57));
}

TEST_CASE("series: every sample is settled once, its second before it is joined") {
  std::map<std::int64_t, std::uint64_t> settled;
  const auto count = [&](const SecondDelta& delta) { settled[delta.second] += delta.acked; };
  Series series = long_series(count);
  CHECK(settled.size() < length);  // the newest may still change
  series.add(second_of(10, 3));    // comes very late
  series.coarsen(count);
  series.close(count);
  settled[10] -= 3;
  for (std::int64_t second = 0; second < length; ++second)
    CHECK(settled[second] == messages_in(second));
}

TEST_CASE("series: what comes late is added to its interval, and to its second's acks") {
  Series series = long_series();
  static_cast<void>(series.take_changed());
  series.add(second_of(57, 3));
  const auto changed = series.take_changed();
  REQUIRE(changed.size() == 1);
  const auto& interval = series.intervals().at(changed[0]);
  CHECK(interval.length > 1);
  CHECK(interval.value.acked_each.at(static_cast<std::size_t>(57 - interval.first)) ==
        messages_in(57) + 3);
}

TEST_CASE("series: a short one is never joined, and settled at its end only") {
  Series series;
  std::size_t settled = 0;
  const auto count = [&](const SecondDelta&) { ++settled; };
  for (std::int64_t second = -20; second < 280; ++second) {
    series.add(second_of(second, 2));
    series.coarsen(count);
  }
  CHECK(settled == 0);
  CHECK(series.intervals().size() == 300);
  for (const auto& [first, interval] : series.intervals()) CHECK(interval.length == 1);
  series.close(count);
  CHECK(settled == 300);
}

TEST_CASE("series: joined intervals are told as changed, and the seconds they took in are not") {
  Series series(small);
  for (std::int64_t second = 0; second <= 24; ++second) series.add(second_of(second, 2));
  static_cast<void>(series.take_changed());
  series.coarsen(nobody);
  for (const std::int64_t first : series.take_changed())
    CHECK(series.intervals().at(first).length > 1);
}

}  // namespace
}  // namespace seatrial::measure
