// The shift between samples against brute force.
#include "statistics/shift.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

// P(U <= u) by counting every way to choose which of n + m ranks are the first sample's.
double at_most_by_enumeration(unsigned n, unsigned m, unsigned u) {
  double hits = 0, all = 0;
  for (unsigned chosen = 0; chosen < (1U << (n + m)); ++chosen) {
    if (static_cast<unsigned>(__builtin_popcount(chosen)) != n) continue;
    unsigned before = 0, wrong = 0;
    for (unsigned rank = 0; rank < n + m; ++rank) {
      if ((chosen >> rank) & 1U) wrong += before;
      else ++before;
    }
    all += 1;
    hits += wrong <= u ? 1 : 0;
  }
  return hits / all;
}

TEST_CASE("the interval leaves out as many differences as enumeration allows", "[statistics]") {
  for (const auto& [n, m] : {std::pair(3U, 4U), {5U, 5U}, {6U, 7U}, {8U, 3U}}) {
    INFO(n << " and " << m);
    std::vector<double> x(n), y(m);
    // Differences are all distinct.
    for (unsigned i = 0; i < n; ++i) x[i] = i;
    for (unsigned j = 0; j < m; ++j) y[j] = 100.0 * (j + 1);
    const auto found = shift(x, y, 0.9);
    std::vector<double> differences;
    for (const double a : x)
      for (const double b : y) differences.push_back(b - a);
    std::ranges::sort(differences);
    unsigned left_out = 0;
    while (at_most_by_enumeration(n, m, left_out) <= 0.05) ++left_out;
    const unsigned cut = left_out == 0 ? 0 : left_out - 1;
    CHECK(found.low == differences[cut]);
    CHECK(found.high == differences[differences.size() - 1 - cut]);
    if (left_out > 0)
      CHECK(found.confidence == Approx(1 - 2 * at_most_by_enumeration(n, m, left_out - 1)));
  }
}

TEST_CASE("a shift is found, and samples of one have no confidence to speak of", "[statistics]") {
  const std::vector<double> x{1, 2, 3, 4, 5}, y{3, 4, 5, 6, 7};
  CHECK(shift(x, y).value == 2);
  CHECK(shift(y, x).value == -2);
  const std::vector<double> one{1}, other{4};
  CHECK(shift(one, other).value == 3);
  CHECK(shift(one, other).confidence == 0);
  CHECK(shift({}, other).confidence == 0);
}

TEST_CASE("large samples have an interval about the shift", "[statistics]") {
  std::vector<double> x(80), y(90);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>((i * 37) % 80);
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = 10 + static_cast<double>((i * 41) % 90) * 80 / 90;
  const auto found = shift(x, y);
  CHECK(found.low < 10);
  CHECK(found.high > 10);
  CHECK(found.high - found.low < 20);
}

}  // namespace
}  // namespace seatrial::statistics
