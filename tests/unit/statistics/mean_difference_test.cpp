// Welch's test: a worked example, its edges, and how often it is wrong.
#include "statistics/mean_difference.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

using Values = std::vector<double>;

TEST_CASE("difference of means: p by quadrature of Student's density") {
  // t = 2 / sqrt(1/2 + 2) = 1.2649 with 2.5^2 / (1/4/4 + 4/4) = 5.882 degrees of freedom.
  const MeanDifference found = mean_difference(Values{1, 2, 3, 4, 5}, Values{2, 3.5, 5, 6.5, 8});
  CHECK(found.value == Approx(2));
  const double variance = 0.5 + 1.125;
  const double t = 2 / std::sqrt(variance);
  const double freedom = variance * variance / (0.25 / 4 + 1.125 * 1.125 / 4);
  double tail = 0;  // by the midpoint rule in u = t / x
  constexpr int steps = 200'000;
  for (int i = 0; i < steps; ++i) {
    const double u = (i + 0.5) / steps;
    const double x = t / u;
    tail += std::pow(1 + x * x / freedom, -(freedom + 1) / 2) * t / (u * u) / steps;
  }
  const double density = std::exp(std::lgamma((freedom + 1) / 2) - std::lgamma(freedom / 2)) /
                         std::sqrt(freedom * 3.14159265358979);
  CHECK(found.p == Approx(2 * density * tail).epsilon(1e-4));
}

TEST_CASE("difference of means: too few say nothing, and no spread says all") {
  CHECK(mean_difference(Values{1}, Values{2, 3}).p == 1);
  CHECK(mean_difference(Values{}, Values{}).p == 1);
  CHECK(mean_difference(Values{}, Values{}).value == 0);
  CHECK(mean_difference(Values{1, 1}, Values{1, 1}).p == 1);
  CHECK(mean_difference(Values{1, 1}, Values{2, 2}).p == 0);
  CHECK(mean_difference(Values{1, 1}, Values{2, 2}).value == 1);
  CHECK(mean_difference(Values{1, 2}, Values{1, 2}).p == Approx(1));
}

TEST_CASE("difference of means: where there is none, p is as often small as it says") {
  std::mt19937 engine(4);
  std::normal_distribution<double> small(0, 1), large(0, 3);
  int found = 0;
  constexpr int repeats = 20'000;
  for (int i = 0; i < repeats; ++i) {
    Values first(8), second(8);
    std::ranges::generate(first, [&] { return small(engine); });
    std::ranges::generate(second, [&] { return large(engine); });
    found += mean_difference(first, second).p <= 0.05 ? 1 : 0;
  }
  CHECK(found / static_cast<double>(repeats) == Approx(0.05).margin(0.008));
}

}  // namespace
}  // namespace seatrial::statistics
