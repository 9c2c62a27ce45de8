// Holm's p-values, and that they keep the rate of wrong findings.
#include "statistics/holm.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

using Values = std::vector<double>;

TEST_CASE("Holm: the smallest counts as often as there are tests, the next once less") {
  const Values adjusted = holm(Values{0.01, 0.04, 0.03, 0.005});
  REQUIRE(adjusted.size() == 4);
  CHECK(adjusted[0] == Approx(0.03));
  CHECK(adjusted[1] == Approx(0.06));  // 0.04, but not below 0.03's
  CHECK(adjusted[2] == Approx(0.06));
  CHECK(adjusted[3] == Approx(0.02));
}

TEST_CASE("Holm: one test is as it was, none is none, and nothing passes 1") {
  CHECK(holm(Values{0.2}) == Values{0.2});
  CHECK(holm(Values{}).empty());
  CHECK(holm(Values{0.6, 0.9}) == Values{1, 1});
  CHECK(holm(Values{0.25, 0.25}) == Values{0.5, 0.5});
}

TEST_CASE("Holm: of five tests without an effect, any is wrong as seldom as one alone") {
  std::mt19937 engine(3);
  std::uniform_real_distribution<double> any(0, 1);
  int wrong = 0;
  constexpr int repeats = 20'000;
  for (int i = 0; i < repeats; ++i) {
    Values p(5);
    std::ranges::generate(p, [&] { return any(engine); });
    wrong += std::ranges::min(holm(p)) <= 0.05 ? 1 : 0;
  }
  CHECK(wrong / static_cast<double>(repeats) == Approx(0.049).margin(0.006));
}

}  // namespace
}  // namespace seatrial::statistics
