// An interval holds what a histogram would, and gives it on at any resolution.
#include "measure/interval.hpp"

#include <random>

#include "support/catch.hpp"

using seatrial::measure::Histogram;
using seatrial::measure::IntervalHistogram;

namespace {

// All magnitudes, the range's ends and what lies outside of it.
std::vector<std::int64_t> values() {
  std::vector<std::int64_t> out{0,         1,  999,      1000, 1023, 1024, 3'600'000'000'000,
                                INT64_MAX, -1, INT64_MIN};
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    out.push_back(static_cast<std::int64_t>(random() >> (1 + random() % 63)));
  }
  return out;
}

}  // namespace

TEST_CASE("interval: what it gives on is what the histograms would have recorded") {
  IntervalHistogram interval;
  Histogram fine = Histogram::latency();
  Histogram coarse = Histogram::coarse();
  for (const std::int64_t value : values()) {
    interval.record(value);
    fine.record(value);
    coarse.record(value);
  }
  Histogram fine_sum = Histogram::latency();
  Histogram coarse_sum = Histogram::coarse();
  interval.add_to(fine_sum);
  interval.add_to(coarse_sum);
  CHECK(fine_sum == fine);
  CHECK(coarse_sum == coarse);
  CHECK(fine_sum.overflow() > 0);
  CHECK(interval.impossible() == 2);
}

TEST_CASE("interval: intervals of one lane add up to the whole") {
  Histogram whole = Histogram::latency();
  Histogram sum = Histogram::latency();
  IntervalHistogram interval;
  int i = 0;
  for (const std::int64_t value : values()) {
    whole.record(value);
    interval.record(value);
    if (++i % 1000 != 0) continue;
    interval.add_to(sum);
    interval.clear();
    CHECK(interval.empty());
  }
  interval.add_to(sum);
  CHECK(sum == whole);
}

TEST_CASE("interval: record_n is record n times, also outside of the range") {
  IntervalHistogram many, once;
  for (const std::int64_t value : {-5LL, 0LL, 12'345LL, 9'000'000'000'000'000LL}) {
    many.record_n(value, 3);
    for (int i = 0; i < 3; ++i) once.record(value);
  }
  Histogram a = Histogram::latency();
  Histogram b = Histogram::latency();
  many.add_to(a);
  once.add_to(b);
  CHECK(a == b);
  CHECK(a.overflow() == 3);
  CHECK(a.impossible() == 3);
}

TEST_CASE("interval: an empty one adds nothing") {
  Histogram sum = Histogram::latency();
  const IntervalHistogram interval;
  CHECK(interval.empty());
  interval.add_to(sum);
  CHECK(sum.empty());
}
