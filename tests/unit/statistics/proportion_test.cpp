// Exact bounds of a share, by the tails of the binomial distribution that define them.
#include "statistics/proportion.hpp"

#include <cmath>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

// P(at most k of n), added up.
double binomial_at_most(std::uint64_t k, std::uint64_t n, double p) {
  double sum = 0;
  for (std::uint64_t i = 0; i <= k; ++i) {
    const auto hits = static_cast<double>(i);
    const auto trials = static_cast<double>(n);
    sum +=
        std::exp(std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1) +
                 hits * std::log(p) + (trials - hits) * std::log1p(-p));
  }
  return sum;
}

TEST_CASE("share: at its upper bound so few hits are as rare as the confidence says") {
  for (const auto& [hits, trials] : {std::pair{0, 20}, {3, 20}, {19, 20}, {150, 20'000}}) {
    const Share share{static_cast<std::uint64_t>(hits), static_cast<std::uint64_t>(trials)};
    CAPTURE(hits, trials);
    CHECK(binomial_at_most(share.hits, share.trials, at_most(share, 0.95)) ==
          Approx(0.05).epsilon(1e-6));
    if (hits == 0) continue;
    CHECK(1 - binomial_at_most(share.hits - 1, share.trials, at_least(share, 0.99)) ==
          Approx(0.01).epsilon(1e-6));
  }
}

TEST_CASE("share: none, all, and no trials at all") {
  CHECK(at_most({0, 300}, 0.95) == Approx(0.00993).epsilon(1e-3));  // about 3/n
  CHECK(at_least({0, 300}, 0.95) == 0);
  CHECK(at_most({300, 300}, 0.95) == 1);
  CHECK(at_least({300, 300}, 0.95) == Approx(1 - 0.00993).epsilon(1e-5));
  CHECK(at_most({0, 0}, 0.95) == 1);
  CHECK(at_least({0, 0}, 0.95) == 0);
}

}  // namespace
}  // namespace seatrial::statistics
