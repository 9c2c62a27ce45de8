// The estimate by its definition, and its interval by inverting the enumerated test.
#include "statistics/hodges_lehmann.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

std::vector<double> sorted_averages(const std::vector<double>& values) {
  std::vector<double> all = walsh_averages(values);
  std::ranges::sort(all);
  return all;
}

// Of all 2^n patterns of signs, the share whose rank sum is at most (at least) that of the sample.
std::pair<double, double> enumerated_tails(const std::vector<double>& values, double bound) {
  std::vector<double> differences;
  for (const double value : values) differences.push_back(value - bound);
  std::ranges::sort(differences, {}, [](double d) { return std::abs(d); });
  std::size_t seen = 0;
  for (std::size_t i = 0; i < differences.size(); ++i) seen += differences[i] > 0 ? i + 1 : 0;
  std::size_t low = 0, high = 0;
  const std::size_t patterns = std::size_t{1} << values.size();
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) sum += (pattern >> i & 1) * (i + 1);
    low += sum <= seen ? 1 : 0;
    high += sum >= seen ? 1 : 0;
  }
  const auto share = [&](std::size_t n) {
    return static_cast<double>(n) / static_cast<double>(patterns);
  };
  return {share(low), share(high)};
}

std::vector<double> sample(std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> noise(1, 2);
  std::vector<double> values(n);
  std::ranges::generate(values, [&] { return noise(engine); });
  return values;
}

TEST_CASE("Hodges-Lehmann: the median of all averages of two") {
  for (std::size_t n = 1; n <= 30; ++n) {
    const std::vector<double> values = sample(n, static_cast<unsigned>(n));
    const std::vector<double> all = sorted_averages(values);
    REQUIRE(all.size() == n * (n + 1) / 2);
    CHECK(hodges_lehmann(values).value == (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2);
  }
  CHECK(hodges_lehmann(std::vector<double>{1, 2, 9}).value == 3.5);  // 1 1.5 2 5 5.5 9
}

TEST_CASE("Hodges-Lehmann: the interval holds just what the test does not reject") {
  for (std::size_t n = 6; n <= 12; ++n) {
    for (const double confidence : {0.8, 0.9, 0.95}) {
      const std::vector<double> values = sample(n, static_cast<unsigned>(n) + 100);
      const Estimate estimate = hodges_lehmann(values, confidence);
      std::vector<double> ends = sorted_averages(values);
      ends.insert(ends.begin(), ends.front() - 1);
      ends.push_back(ends.back() + 1);
      for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
        const double bound = (ends[i] + ends[i + 1]) / 2;
        const auto [low, high] = enumerated_tails(values, bound);
        const bool kept = std::min(low, high) > (1 - confidence) / 2;
        CAPTURE(n, confidence, bound, low, high);
        CHECK(kept == (bound > estimate.low && bound < estimate.high));
      }
    }
  }
}

TEST_CASE("Hodges-Lehmann: the confidence that small samples reach is said") {
  const std::vector<double> reached{0, 0.5, 0.75, 0.875, 0.9375, 0.96875, 0.953125, 0.9609375};
  for (std::size_t n = 1; n <= reached.size(); ++n) {
    const std::vector<double> values = sample(n, 7);
    const Estimate estimate = hodges_lehmann(values);
    CAPTURE(n);
    CHECK(estimate.confidence == reached[n - 1]);
    if (n <= 5) {
      CHECK(estimate.low == std::ranges::min(values));
      CHECK(estimate.high == std::ranges::max(values));
    }
  }
  CHECK(hodges_lehmann(sample(10, 7)).confidence == Approx(0.951171875));
}

TEST_CASE("Hodges-Lehmann: the interval holds the centre as often as it says") {
  std::mt19937 engine(5);
  std::cauchy_distribution<double> wild(3, 1);
  int held = 0;
  constexpr int repeats = 4000;
  for (int i = 0; i < repeats; ++i) {
    std::vector<double> values(10);
    std::ranges::generate(values, [&] { return wild(engine); });
    const Estimate estimate = hodges_lehmann(values);
    held += estimate.low <= 3 && 3 <= estimate.high ? 1 : 0;
  }
  CHECK(held / static_cast<double>(repeats) == Approx(0.9512).margin(0.015));
}

TEST_CASE("Hodges-Lehmann: empty, equal and tied samples") {
  const Estimate nothing = hodges_lehmann({});
  CHECK(nothing.value == 0);
  CHECK(nothing.confidence == 0);
  const Estimate equal = hodges_lehmann(std::vector<double>(10, 0.1));
  CHECK(equal.value == 0.1);
  CHECK(equal.low == 0.1);
  CHECK(equal.high == 0.1);
  const Estimate outlier = hodges_lehmann(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1e9});
  CHECK(outlier.value == 1);
}

}  // namespace
}  // namespace seatrial::statistics
