// The histogram's arithmetic: bucket widths, derived statistics, what is out of range, merging.
#include "measure/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/check.hpp"
#include "support/catch.hpp"

using seatrial::InvariantBroken;
using seatrial::measure::CurvePoint;
using seatrial::measure::Histogram;
using seatrial::measure::HistogramConfig;

namespace {

// Spread evenly over the orders of magnitude, as latencies are, with the edges of octaves among
// them.
std::vector<std::int64_t> spread_values(std::uint64_t seed, int count, std::int64_t highest) {
  std::mt19937_64 engine(seed);
  std::vector<std::int64_t> values;
  for (int i = 0; i < count; ++i) {
    const auto value = static_cast<std::int64_t>(engine() >> (1 + engine() % 63));
    if (value <= highest) values.push_back(value);
    const std::int64_t power = std::int64_t{1} << (engine() % 40);
    for (const std::int64_t edge : {power - 1, power, power + 1}) {
      if (edge <= highest) values.push_back(edge);
    }
  }
  return values;
}

const HistogramConfig configs[] = {
    {.lowest = 1, .highest = 2, .digits = 1},
    {.lowest = 1, .highest = 3'600'000'000, .digits = 3},
    {.lowest = 1000, .highest = 3'600'000'000'000, .digits = 3},
    {.lowest = 1000, .highest = 3'600'000'000'000, .digits = 2},
    {.lowest = 1, .highest = INT64_MAX, .digits = 5},
    {.lowest = 1'000'000, .highest = 5'000'000, .digits = 1},
};

}  // namespace

TEST_CASE("histogram: latency has the size its configuration promises") {
  CHECK(Histogram::latency().counters() == 24'576);
  CHECK(Histogram::coarse().counters() == 3'456);
}

TEST_CASE("histogram: a configuration that cannot work is refused") {
  CHECK_FALSE(Histogram::problem({.lowest = 1, .highest = 2, .digits = 1}));
  for (const HistogramConfig& wrong : {HistogramConfig{.lowest = 0, .highest = 100, .digits = 3},
                                       HistogramConfig{.lowest = -5, .highest = 100, .digits = 3},
                                       HistogramConfig{.lowest = 100, .highest = 199, .digits = 3},
                                       HistogramConfig{.lowest = 1, .highest = 100, .digits = 0},
                                       HistogramConfig{.lowest = 1, .highest = 100, .digits = 6},
                                       HistogramConfig{.lowest = std::int64_t{1} << 61,
                                                       .highest = INT64_MAX,
                                                       .digits = 3}}) {
    CHECK(Histogram::problem(wrong));
    CHECK_THROWS_AS(Histogram(wrong), InvariantBroken);
  }
}

TEST_CASE("histogram: every value lies in its bucket, and the bucket is as narrow as promised") {
  for (const HistogramConfig& config : configs) {
    const Histogram h(config, Histogram::Storage::window);
    const double precision = std::pow(10, -config.digits);
    for (const std::int64_t value : spread_values(7, 3000, config.highest)) {
      const auto bucket = h.bucket_of(value);
      REQUIRE(bucket.lowest <= value);
      REQUIRE(value <= bucket.highest);
      const auto width = static_cast<double>(bucket.highest - bucket.lowest + 1);
      // Within the precision, or at the resolution that `lowest` asks for.
      const bool narrow = width <= static_cast<double>(value) * precision ||
                          width <= static_cast<double>(config.lowest);
      REQUIRE(narrow);
    }
  }
}

TEST_CASE("histogram: buckets follow each other without gap or overlap") {
  Histogram h({.lowest = 1000, .highest = 100'000'000, .digits = 1});
  for (std::size_t i = 0; i < h.counters(); ++i) h.add_at(i, 1);
  std::int64_t next = 0;
  std::size_t index = 0;
  h.for_each_bucket([&](const Histogram::Bucket& bucket) {
    CHECK(bucket.index == index++);
    CHECK(bucket.lowest == next);
    CHECK(h.bucket_of(bucket.lowest).index == bucket.index);
    CHECK(h.bucket_of(bucket.highest).index == bucket.index);
    next = bucket.highest + 1;
  });
  CHECK(index == h.counters());
  CHECK(next > h.config().highest);
}

TEST_CASE("histogram: percentiles are those of the sorted samples, to the precision") {
  auto values = spread_values(11, 5000, 3'600'000'000'000);
  Histogram h = Histogram::latency();
  for (const std::int64_t value : values) h.record(value);
  std::sort(values.begin(), values.end());
  REQUIRE(h.count() == values.size());
  for (const double p : {0.1, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::ceil(p / 100 * static_cast<double>(values.size()) - 1e-9));
    const std::int64_t exact = values[std::max<std::size_t>(rank, 1) - 1];
    CHECK(h.value_at(p) == h.bucket_of(exact).highest);
  }
  CHECK(h.min() == h.bucket_of(values.front()).lowest);
  CHECK(h.value_at(0) == h.min());
  CHECK(h.max() == h.bucket_of(values.back()).highest);
}

TEST_CASE("histogram: a percentile's rank is not pushed up by rounding") {
  Histogram h = Histogram::latency();
  h.record_n(1'000'000, 40'959);  // exactly 99.9 % of them all
  h.record_n(9'000'000, 41);
  CHECK(h.value_at(99.9) < 2'000'000);
  CHECK(h.value_at(99.91) > 8'000'000);
}

TEST_CASE("histogram: an empty one has no percentile to print") {
  const Histogram h = Histogram::coarse();
  CHECK(h.empty());
  CHECK(h.count() == 0);
  CHECK(h.max() == 0);
  CHECK(h.min() == 0);
  CHECK(h.mean() == 0);
  CHECK(h.value_at(99) == 0);
  CHECK_FALSE(h.percentile_printable(0));
  CHECK(h.curve().empty());
}

TEST_CASE("histogram: zero is a value, a negative one is impossible and stays out") {
  for (Histogram h : {Histogram::latency(), Histogram::coarse()}) {
    h.record(0);
    CHECK(h.count() == 1);
    CHECK(h.impossible() == 0);
    h.record(-1);
    h.record(INT64_MIN);
    h.record_n(-5, 3);
    CHECK(h.impossible() == 5);
    CHECK(h.count() == 1);
    CHECK(h.overflow() == 0);
    CHECK(h.max() == h.bucket_of(0).highest);
  }
}

TEST_CASE("histogram: what is above the range is counted, and counts among the percentiles") {
  for (Histogram h : {Histogram::latency(), Histogram::coarse()}) {
    h.record(3'600'000'000'000);
    CHECK(h.overflow() == 0);
    h.record(INT64_MAX);
    h.record_n(std::int64_t{1} << 60, 2);
    CHECK(h.overflow() == 3);
    CHECK(h.count() == 4);
    CHECK(h.value_at(100) >= 3'600'000'000'000);
    CHECK(h.impossible() == 0);
  }
}

TEST_CASE("histogram: window and whole storage hold the same") {
  const HistogramConfig config{.lowest = 1000, .highest = 3'600'000'000'000, .digits = 2};
  Histogram whole(config, Histogram::Storage::whole);
  Histogram window(config, Histogram::Storage::window);
  for (const std::int64_t value : spread_values(13, 2000, INT64_MAX)) {
    whole.record(value);
    window.record(value);
  }
  CHECK(whole == window);
  window.record(5'000'000);
  CHECK_FALSE(whole == window);
}

TEST_CASE("histogram: a second of latencies around a millisecond takes a few KB") {
  Histogram h = Histogram::coarse();
  for (std::int64_t value = 200'000; value < 4'000'000; value += 1000) h.record(value);
  CHECK(h.memory_bytes() < 8 * 1024);
  CHECK(h.memory_bytes() < Histogram::latency().memory_bytes() / 20);
}

TEST_CASE("histogram: the sum of merged histograms is the merged sum") {
  Histogram all = Histogram::coarse();
  Histogram merged = Histogram::coarse();
  for (std::uint64_t part = 0; part < 6; ++part) {
    Histogram one = Histogram::coarse();
    for (std::int64_t value : spread_values(part, 200, INT64_MAX)) {
      if (part % 2 == 1) value = -value;
      one.record(value);
      all.record(value);
    }
    merged.add(one);
  }
  CHECK(merged == all);
  CHECK(merged.impossible() == all.impossible());
  CHECK(merged.overflow() == all.overflow());
  CHECK(merged.mean() == Approx(all.mean()));
}

TEST_CASE("histogram: different configurations are not added") {
  Histogram h = Histogram::latency();
  CHECK_THROWS_AS(h.add(Histogram::coarse()), InvariantBroken);
}

TEST_CASE("histogram: record_n is record n times") {
  Histogram once = Histogram::coarse();
  Histogram many = Histogram::coarse();
  for (int i = 0; i < 17; ++i) once.record(123'456);
  many.record_n(123'456, 17);
  many.record_n(999, 0);
  CHECK(once == many);
}

TEST_CASE("histogram: a percentile is printable from ten samples beyond it") {
  Histogram h = Histogram::latency();
  h.record_n(1'000'000, 999);
  CHECK_FALSE(h.percentile_printable(99));
  h.record(1'000'000);
  CHECK(h.percentile_printable(99));  // rank 990 of 1000
  CHECK_FALSE(h.percentile_printable(99.9));
  h.record_n(1'000'000, 9'000);
  CHECK(h.percentile_printable(99.9));
  h.record_n(1'000'000, 90'000);
  CHECK(h.percentile_printable(99.99));
  CHECK_FALSE(h.percentile_printable(99.999));
  CHECK_FALSE(h.percentile_printable(100));
}

TEST_CASE("histogram: the curve ascends, is short, and ends where ten samples are left") {
  Histogram h = Histogram::latency();
  for (std::int64_t i = 1; i <= 100'000; ++i) h.record(i * 1000);
  const std::vector<CurvePoint> curve = h.curve();
  REQUIRE(curve.size() > 20);
  CHECK(curve.size() <= 100);
  CHECK(curve.front().percentile == 0);
  CHECK(curve.back().percentile > 99.9);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    CHECK(h.percentile_printable(curve[i].percentile));
    CHECK(curve[i].value == h.value_at(curve[i].percentile));
    if (i == 0) continue;
    CHECK(curve[i - 1].percentile < curve[i].percentile);
    CHECK(curve[i - 1].value <= curve[i].value);
  }
  h.record_n(1'000'000, std::uint64_t{1} << 50);
  CHECK(h.curve().size() == 100);
}
