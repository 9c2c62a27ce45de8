// What a plan says of its power, against what simulated gates do; and budgets.
#include "gate/power.hpp"

#include <cmath>
#include <random>

#include "gate/simulate.hpp"
#include "support/catch.hpp"

namespace seatrial::gate {
namespace {

double share(std::uint64_t n, const Ends& ends) {
  return static_cast<double>(n) / static_cast<double>(ends.gates);
}

// Gates of one look; alpha is that of one of three.
Simulation one_look(int n, double sigma, double effect) {
  return {.noise = {.sigma = sigma},
          .effect = effect,
          .rules = {.looks = {n}, .alpha = 0.01 / 3, .futility_power = 0},
          .gates = 2500,
          .seed = 11};
}

TEST_CASE("power: as often as simulated gates fail") {
  for (const int n : {10, 24}) {
    for (const double sigma : {0.03, 0.05, 0.10}) {
      for (const double effect : {0.04, 0.07, 0.10, 0.15}) {
        const Simulation setting = one_look(n, sigma, effect);
        const Ends ends = simulate(setting);
        CAPTURE(n, sigma, effect);
        CHECK(power(n, sigma, effect, setting.rules, 0.05) ==
              Approx(share(ends.fail + ends.invalid, ends)).margin(0.03));
      }
    }
  }
}

TEST_CASE("power: what is called the minimum detectable is caught in 90 %") {
  for (const int n : {10, 16, 24}) {
    for (const double sigma : {0.01, 0.05, 0.15}) {
      Simulation setting = one_look(n, sigma, 0);
      setting.effect = minimum_detectable(n, sigma, setting.rules, 0.05);
      const Ends ends = simulate(setting);
      CAPTURE(n, sigma, setting.effect);
      CHECK(share(ends.fail + ends.invalid, ends) == Approx(0.9).margin(0.02));
    }
  }
}

TEST_CASE("power: the minimum detectable grows with noise and metrics, and shrinks with pairs") {
  const Rules rules;
  CHECK(minimum_detectable(24, 0.05, rules) < minimum_detectable(16, 0.05, rules));
  CHECK(minimum_detectable(24, 0.05, rules) < minimum_detectable(24, 0.10, rules));
  CHECK(minimum_detectable(24, 0.05, rules) < minimum_detectable(24, 0.05, rules, 0, 5));
  CHECK(minimum_detectable(24, 0.05, rules, 0.05) > 0.05);
  CHECK(minimum_detectable(24, 0.0, rules, 0.05) == Approx(0.05));
}

TEST_CASE("power: pairs that cannot show anything detect nothing") {
  CHECK(std::isinf(minimum_detectable(8, 0.05, {})));  // 1/256 > 0.01/3
  CHECK(std::isfinite(minimum_detectable(9, 0.05, {})));
  CHECK(std::isinf(minimum_detectable(10, 0.05, {}, 0.05, 4)));
  CHECK(power(8, 0.05, 0.5, {}) == 0);
  CHECK(power_to_pass(8, 0.05, 0, {}, 0.1) == 0);
  CHECK(power(0, 0.05, 0.5, {}) == 0);
}

TEST_CASE("power: without noise any effect is certain") {
  CHECK(power(10, 0, 0.06, {}, 0.05) == 1);
  CHECK(power(10, 0, 0.04, {}, 0.05) == 0);
  CHECK(power_to_pass(10, 0, 0.09, {}, 0.10) == 1);
  CHECK(power_to_pass(10, 0, 0.11, {}, 0.10) == 0);
}

TEST_CASE("power: passes are as frequent as simulated ones") {
  for (const double effect : {0.0, 0.03}) {
    Simulation setting = one_look(16, 0.07, effect);
    setting.gates = 10'000;
    const Ends ends = simulate(setting);
    const Rules rules{.looks = {16}, .alpha = 0.01 / 3};
    CHECK(power_to_pass(16, 0.07, effect, rules, 0.10) ==
          Approx(share(ends.pass + ends.invalid, ends)).margin(0.02));
  }
}

TEST_CASE("power: the noise of a pair is read off the interval, and outliers hardly count") {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> noise(0, 0.05);
  double sum = 0;
  constexpr int repeats = 400;
  for (int i = 0; i < repeats; ++i) {
    std::vector<double> values(16);
    for (double& value : values) value = noise(engine);
    sum += sigma_of(statistics::hodges_lehmann(values), 16);
  }
  CHECK(sum / repeats == Approx(0.05).epsilon(0.03));
  CHECK(sigma_of({}, 0) == 0);
  CHECK(sigma_of(statistics::hodges_lehmann(std::vector<double>{1}), 1) == 0);
}

TEST_CASE("power: chances of the last look follow from what was seen") {
  const Interim calm{.pairs = 10, .estimate = 0, .sigma = 0.05};
  CHECK(chances_at_last_look(calm, {}, 1).pass > 0.99);
  Interim worse = calm;
  worse.estimate = 0.12;
  CHECK(chances_at_last_look(worse, {}, 1).fail > 0.99);
  Interim noisy{.pairs = 10, .estimate = 0.04, .sigma = 0.3};
  const Chances chances = chances_at_last_look(noisy, {}, 1);
  CHECK(chances.pass + chances.fail < 0.5);
  Interim silent{.pairs = 24, .estimate = 0.0, .sigma = 0};
  CHECK(chances_at_last_look(silent, {}, 1).pass == 1);
  // What is a regression and yet below delta_max fails.
  const Interim both{.pairs = 10, .estimate = std::log1p(0.07), .sigma = 0.01};
  CHECK(chances_at_last_look(both, {}, 1).fail > 0.99);
  CHECK(chances_at_last_look(both, {}, 1).pass < 0.01);
  CHECK(chances_at_last_look(calm, {.looks = {4}}, 1).pass == 0);  // four pairs decide nothing
}

TEST_CASE("power: looks that fit a budget") {
  using Looks = std::vector<int>;
  const Rules rules;
  CHECK(looks_within(rules, 30, 24 * 30) == Looks{10, 16, 24});
  CHECK(looks_within(rules, 30, 24 * 30 - 1) == Looks{10, 16});
  CHECK(looks_within(rules, 30, 300) == Looks{10});
  CHECK(looks_within(rules, 30, 299) == Looks{8});  // in whole blocks; 1/256 < 0.01
  CHECK(looks_within(rules, 30, 239) == Looks{});   // 1/64 > 0.01
  CHECK(looks_within(rules, 30, 0) == Looks{});
  CHECK(looks_within({.alpha = 0.05}, 30, 200) == Looks{6});
  CHECK(looks_within(rules, 30, 299, 3) == Looks{});  // 1/256 > 0.01 / 3
  CHECK(looks_within(rules, 30, 60, 0) == Looks{2});  // counts alone
  CHECK(looks_within({.looks = {12}}, 30, 300, 3) == Looks{10});
}

}  // namespace
}  // namespace seatrial::gate
