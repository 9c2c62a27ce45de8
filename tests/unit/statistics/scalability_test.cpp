// The law's coefficients against published and independent fits, its intervals, and what it does
// not claim to know.
#include "statistics/scalability.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

using Points = std::vector<ScalePoint>;

// SPEC SDM91 on a Sun SPARCcenter 2000, as N. Gunther's book has it and R's package usl 3.0.3 with
// it, whose README prints the fit: alpha 0.0277285, beta 0.0001044, gamma 89.9952330, residual
// standard error 82.8, peak at 96.52.
const Points sparc{{1, 64.9},     {18, 995.9},   {36, 1652.4}, {72, 1853.2},
                   {108, 1828.9}, {144, 1775.0}, {216, 1702.2}};
const Points brokers{{1, 20e3}, {2, 38e3}, {4, 66e3}, {8, 90e3}};

Scalability fitted(const Points& points, const ScalabilityRules& rules = {}) {
  auto fit = fit_scalability(points, rules);
  if (!fit) FAIL(fit.error().message);
  return *std::move(fit);
}

TEST_CASE("scalability: the published fit of a published benchmark") {
  const auto fit = fitted(sparc);
  CHECK(fit.best.lambda == Approx(89.9952330).epsilon(1e-6));
  CHECK(fit.best.sigma == Approx(0.0277285).margin(5e-8));
  CHECK(fit.best.kappa == Approx(0.0001044).margin(5e-8));
  CHECK(fit.peak == 96);
  double squares = 0;
  for (const ScalePoint& point : sparc) squares += std::pow(fit.best.at(point.n) - point.rate, 2);
  CHECK(std::sqrt(squares / 4) == Approx(82.8).margin(0.05));
}

// By a search over sigma and kappa that halves its steps, lambda in closed form, in Python.
TEST_CASE("scalability: the fit of another program, and its error at the value left out") {
  const auto fit = fitted(brokers);
  CHECK(fit.best.lambda == Approx(19963.536895).epsilon(1e-7));
  CHECK(fit.best.sigma == Approx(0.02944063).epsilon(1e-5));
  CHECK(fit.best.kappa == Approx(0.0101503008).epsilon(1e-6));
  CHECK(fit.peak == 9);
  REQUIRE(fit.leave_last_out);
  CHECK(*fit.leave_last_out == Approx(91532.846715 / 90e3 - 1).epsilon(1e-6));
  REQUIRE(fitted(sparc).leave_last_out);
  CHECK(*fitted(sparc).leave_last_out == Approx(1468.788467 / 1702.2 - 1).epsilon(1e-5));
}

TEST_CASE("scalability: no coefficient is below 0, whatever the data would have") {
  const auto better_than_linear = fitted({{1, 10}, {2, 19.0}, {4, 36.5}, {8, 77.0}});
  CHECK(better_than_linear.best.lambda == Approx(9.529412).epsilon(1e-6));
  CHECK(better_than_linear.best.sigma == 0);
  CHECK(better_than_linear.best.kappa == 0);
  CHECK_FALSE(better_than_linear.peak);
  // A little better at the end than Amdahl's law, which by itself would have kappa below 0.
  const auto amdahl = fitted({{1, 100}, {2, 181}, {4, 305}, {8, 470}, {16, 655}});
  CHECK(amdahl.best.kappa == 0);
  CHECK(amdahl.best.sigma == Approx(0.0926146).epsilon(1e-5));
  CHECK(amdahl.best.lambda == Approx(97.557424).epsilon(1e-6));
}

TEST_CASE("scalability: what was generated without noise is found, and its intervals are narrow") {
  const Coefficients made{.lambda = 1000, .sigma = 0.05, .kappa = 0.002};
  Points points;
  for (const double n : {1, 2, 4, 8, 16, 32}) points.push_back({n, made.at(n)});
  const auto fit = fitted(points);
  CHECK(fit.best.lambda == Approx(1000).epsilon(1e-6));
  CHECK(fit.best.sigma == Approx(0.05).epsilon(1e-5));
  CHECK(fit.best.kappa == Approx(0.002).epsilon(1e-5));
  CHECK(fit.kappa.high - fit.kappa.low < 1e-6);
  CHECK(*fit.leave_last_out == Approx(0).margin(1e-6));
  CHECK(fit.peak == 21);
}

TEST_CASE("scalability: intervals hold what was generated about as often as they say") {
  const Coefficients made{.lambda = 1000, .sigma = 0.08, .kappa = 0.003};
  std::mt19937 engine(7);
  std::normal_distribution<double> noise(1, 0.03);
  int inside = 0;
  constexpr int of = 60;
  for (int i = 0; i < of; ++i) {
    Points points;
    for (const double n : {1, 2, 3, 4, 6, 8, 12, 16})
      points.push_back({n, made.at(n) * noise(engine)});
    const auto fit = fitted(points, {.resamples = 200, .seed = 3});
    if (fit.kappa.low <= made.kappa && made.kappa <= fit.kappa.high) ++inside;
  }
  CHECK(inside >= of * 85 / 100);  // of 95 %: the fewest in a thousand such tests would be 50
}

TEST_CASE("scalability: what a measurement leaves open widens the intervals") {
  const Coefficients made{.lambda = 1000, .sigma = 0.05, .kappa = 0.002};
  Points points;
  for (const double n : {1, 2, 4, 8}) points.push_back({n, made.at(n), 0.025});
  const auto fit = fitted(points);
  CHECK(fit.lambda.low < 990);
  CHECK(fit.lambda.high > 1010);
  CHECK(fit.best.lambda == Approx(1000).epsilon(1e-5));
}

TEST_CASE("scalability: the same seed has the same intervals, another one others") {
  const auto low = [](std::uint64_t seed) { return fitted(sparc, {.seed = seed}).lambda.low; };
  CHECK(low(1) == low(1));
  CHECK(low(1) != low(2));
}

TEST_CASE("scalability: predicts up to twice what was measured and refuses what lies beyond") {
  const auto fit = fitted(brokers);
  const auto within = predict(fit, 16);
  REQUIRE(within);
  CHECK(within->rate == fit.best.at(16));
  CHECK(within->interval.low <= within->rate);
  CHECK(within->interval.high >= within->rate);
  const auto beyond = predict(fit, 17);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().message ==
        "17 is more than twice 8, the largest value measured: the curve is no evidence of what "
        "happens there");
  CHECK(beyond.error().hint == "measure at 9 or above, or ask for 16 at most");
  CHECK_FALSE(predict(fit, 0));
}

TEST_CASE("scalability: a peak further away than can be looked is none") {
  const Coefficients made{.lambda = 10, .sigma = 0, .kappa = 1e-4};  // N* = 100
  Points points;
  for (const double n : {1, 2, 4, 8}) points.push_back({n, made.at(n)});
  CHECK_FALSE(fitted(points).peak);
}

TEST_CASE("scalability: too few values, and what is no measurement, are refused") {
  const auto refused = [](const Points& points) {
    const auto fit = fit_scalability(points, {});
    return fit ? "" : fit.error().message;
  };
  CHECK(refused({{1, 10}, {2, 19}, {4, 30}, {4, 31}}) ==
        "a scalability law has three parameters: 3 values cannot contradict it");
  CHECK(refused({}).find("0 values") != std::string::npos);
  CHECK(refused({{1, 10}, {2, 19}, {4, 0}, {8, 31}}) == "at 4 there is no rate above 0");
  CHECK(refused({{0, 10}, {2, 19}, {4, 8}, {8, 31}}).find("0 is no number of things") == 0);
  CHECK_FALSE(refused({{1, 10}, {2, 19}, {4, std::nan("")}, {8, 31}}).empty());
}

}  // namespace
}  // namespace seatrial::statistics
