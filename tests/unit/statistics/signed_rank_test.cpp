// The signed-rank distribution and p-values against the enumeration of all patterns of signs.
#include "statistics/signed_rank.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::statistics {
namespace {

// Mean ranks of the sizes, by their definition: how many are smaller, and half of its equals.
std::vector<double> ranks_of(const std::vector<double>& differences) {
  std::vector<double> ranks;
  for (const double d : differences) {
    double smaller = 0, equal = 0;
    for (const double other : differences) {
      smaller += std::abs(other) < std::abs(d) ? 1 : 0;
      equal += std::abs(other) == std::abs(d) ? 1 : 0;
    }
    ranks.push_back(smaller + (equal + 1) / 2);
  }
  return ranks;
}

// P(sum of the ranks with a plus >= that of the sample), over all patterns of signs.
double enumerated_above(const std::vector<double>& values, double bound) {
  std::vector<double> differences;
  for (const double value : values) {
    if (value != bound) differences.push_back(value - bound);
  }
  const std::vector<double> ranks = ranks_of(differences);
  double seen = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) seen += differences[i] > 0 ? ranks[i] : 0;
  const std::size_t patterns = std::size_t{1} << ranks.size();
  std::size_t as_large = 0;
  for (std::size_t pattern = 0; pattern < patterns; ++pattern) {
    double sum = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) sum += (pattern >> i & 1) != 0 ? ranks[i] : 0;
    as_large += sum >= seen ? 1 : 0;
  }
  return static_cast<double>(as_large) / static_cast<double>(patterns);
}

std::vector<double> negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

TEST_CASE("signed rank: p is the share of sign patterns as extreme, without ties") {
  std::mt19937 engine(1);
  std::normal_distribution<double> noise(0.3, 1);
  for (std::size_t n = 0; n <= 12; ++n) {
    for (int repeat = 0; repeat < 3; ++repeat) {
      std::vector<double> values(n);
      std::ranges::generate(values, [&] { return noise(engine); });
      CAPTURE(n, repeat);
      CHECK(p_above(values, 0) == enumerated_above(values, 0));
      CHECK(p_above(values, 0.25) == enumerated_above(values, 0.25));
      CHECK(p_below(values, 0) == enumerated_above(negated(values), 0));
    }
  }
}

TEST_CASE("signed rank: ties share their ranks, and what equals the bound is left out") {
  std::mt19937 engine(2);
  std::uniform_int_distribution<int> few(-3, 4);
  for (std::size_t n = 1; n <= 12; ++n) {
    for (int repeat = 0; repeat < 3; ++repeat) {
      std::vector<double> values(n);
      std::ranges::generate(values, [&] { return few(engine); });
      CAPTURE(n, repeat);
      CHECK(p_above(values, 0) == enumerated_above(values, 0));
      CHECK(p_above(values, 1) == enumerated_above(values, 1));
      CHECK(p_below(values, 0) == enumerated_above(negated(values), 0));
    }
  }
}

TEST_CASE("signed rank: known values") {
  CHECK(p_above(std::vector<double>{1, 2, 3, 4, 5}, 0) == 1.0 / 32);
  CHECK(p_above(std::vector<double>{-1, 2, 3, 4, 5}, 0) == 2.0 / 32);
  CHECK(p_above(std::vector<double>{1, 2, 3, 4, -5}, 0) == 10.0 / 32);
  CHECK(p_below(std::vector<double>{1, 2, 3, 4, 5}, 0) == 1.0);
  CHECK(p_below(std::vector<double>{1, 2, 3, 4, 5}, 6) == 1.0 / 32);
  CHECK(p_above({}, 0) == 1.0);
  CHECK(p_above(std::vector<double>{0, 0}, 0) == 1.0);
  CHECK(p_above(std::vector<double>{0, 0, 7}, 0) == 0.5);
  CHECK(p_above(std::vector<double>{7}, 0) == 0.5);
}

TEST_CASE("signed rank: an outlier is one rank, however far out") {
  const std::vector<double> near{1, 2, 3, 4, 5, 6};
  std::vector<double> far = near;
  far.back() = 1e12;
  CHECK(p_above(near, 0) == p_above(far, 0));
}

TEST_CASE("signed rank: the distribution is whole and symmetric up to 64 and beyond") {
  for (const std::size_t n : {1, 2, 10, 24, 53, 64, 65, 90}) {
    CAPTURE(n);
    const std::size_t most = n * (n + 1) / 2;
    CHECK(signed_rank_at_most(n, most) == Approx(1).epsilon(1e-13));
    CHECK(signed_rank_at_most(n, most + 5) == Approx(1).epsilon(1e-13));
    CHECK(signed_rank_at_most(n, 0) == std::ldexp(1.0, -static_cast<int>(n)));
    for (const std::size_t w : {most / 4, most / 2, most / 3}) {
      CHECK(signed_rank_at_most(n, w) + signed_rank_at_most(n, most - w - 1) ==
            Approx(1).epsilon(1e-13));
    }
  }
}

TEST_CASE("signed rank: the tables of the textbooks") {
  // Largest W whose lower tail is at most 0.05, 0.025, 0.01, 0.005 (-1: none), for n = 5 to 25.
  struct Row {
    std::size_t n;
    int at_5, at_2_5, at_1, at_half;
  };
  for (const Row row :
       {Row{5, 0, -1, -1, -1}, Row{6, 2, 0, -1, -1}, Row{8, 5, 3, 1, 0}, Row{10, 10, 8, 5, 3},
        Row{16, 35, 29, 23, 19}, Row{24, 91, 81, 69, 61}, Row{25, 100, 89, 76, 68}}) {
    CAPTURE(row.n);
    const auto largest = [&](double p) { return static_cast<int>(signed_rank_tail(row.n, p)) - 1; };
    CHECK(largest(0.05) == row.at_5);
    CHECK(largest(0.025) == row.at_2_5);
    CHECK(largest(0.01) == row.at_1);
    CHECK(largest(0.005) == row.at_half);
  }
}

TEST_CASE("signed rank: a tail holds no more than was asked for, and one value more would") {
  for (std::size_t n = 1; n <= 70; ++n) {
    for (const double p : {0.5, 0.025, 0.01 / 3}) {
      const std::size_t count = signed_rank_tail(n, p);
      if (count > 0) CHECK(signed_rank_at_most(n, count - 1) <= p);
      CHECK(signed_rank_at_most(n, count) > p);
    }
  }
}

}  // namespace
}  // namespace seatrial::statistics
