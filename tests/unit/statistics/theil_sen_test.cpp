// Slopes of pairs: Sen's own example, enumeration of Kendall's distribution, and what is far off.
#include "statistics/theil_sen.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

std::vector<Point> points_of(const std::vector<double>& x, const std::vector<double>& y) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back({x[i], y[i]});
  return out;
}

TEST_CASE("the slope and its interval are those of Sen's example", "[statistics]") {
  const auto points = points_of({1, 2, 3, 4, 10, 12, 18}, {9, 15, 19, 20, 45, 55, 78});
  const Estimate found = theil_sen(points, 0.95);
  CHECK(found.value == Approx(4));
  CHECK(found.low == Approx(26.0 / 7));
  CHECK(found.high == Approx(35.0 / 8));
  CHECK(found.confidence > 0.95);
}

TEST_CASE("Kendall's distribution is the count of all orders", "[statistics]") {
  for (const std::size_t n : {2U, 4U, 6U}) {
    std::vector<int> order(n);
    std::iota(order.begin(), order.end(), 0);
    double all = 0, hits = 0;
    const long least = 3;
    do {
      long s = 0;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j) s += order[i] < order[j] ? 1 : -1;
      all += 1;
      hits += s >= least ? 1 : 0;
    } while (std::ranges::next_permutation(order).found);
    INFO(n);
    CHECK(kendall_at_least(n, least) == Approx(hits / all));
  }
}

TEST_CASE("one wild point moves the slope little, and few points say how little they know",
          "[statistics]") {
  const auto wild = points_of({1, 2, 3, 4, 5, 6, 7, 8}, {10, 20, 30, 40, 5000, 60, 70, 80});
  CHECK(theil_sen(wild).value == Approx(10));
  CHECK(theil_sen(points_of({1, 2}, {5, 9})).confidence == 0);
  CHECK(theil_sen({}).confidence == 0);
  const auto flat = theil_sen(points_of({1, 1, 1}, {5, 9, 3}));
  CHECK(flat.value == 0);
  CHECK(flat.confidence == 0);
  const auto four = theil_sen(points_of({1, 2, 3, 4}, {0, 1, 1, 3}));
  CHECK(four.low == Approx(0));
  CHECK(four.high == Approx(2));
  CHECK(four.confidence == Approx(0.9167).epsilon(0.001));
}

}  // namespace
}  // namespace seatrial::statistics
