// Ten series with what another program found in them, the energy statistic by its definition, and
// how often a series without a change is said to have one.
#include "statistics/change_points.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "support/catch.hpp"
#include "support/golden.hpp"

namespace seatrial::statistics {
namespace {

using Values = std::vector<double>;
using Indices = std::vector<std::size_t>;

Indices found_in(const Values& series, const ChangePointRules& rules = {}) {
  Indices indices;
  for (const ChangePoint& point : change_points(series, rules)) indices.push_back(point.index);
  return indices;
}

const nlohmann::json& golden() {
  static const auto read =
      nlohmann::json::parse(test::read_whole(test::golden_path("statistics/change_points.json")));
  return read;
}

Values noise(std::size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal(0, 1);
  Values values(n);
  std::ranges::generate(values, [&] { return normal(engine); });
  return values;
}

TEST_CASE("change points: those that Apache Otava's E-divisive finds, with any seed") {
  REQUIRE(golden()["series"].size() == 10);
  for (const auto& series : golden()["series"]) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      CAPTURE(series["name"].get<std::string>(), seed);
      CHECK(found_in(series["values"].get<Values>(), {.seed = seed}) ==
            series["e_divisive"].get<Indices>());
    }
  }
}

TEST_CASE("change points: where windows and t-tests find others, the series says who is right") {
  std::vector<std::string> differ;
  for (const auto& series : golden()["series"]) {
    if (series["hunter"] != series["e_divisive"]) differ.push_back(series["name"]);
  }
  // Three steps of six standard deviations each, of which t-tests found the last; and one step in
  // noise, of which they made two.
  CHECK(differ == std::vector<std::string>{"three_steps", "noisy"});
}

TEST_CASE("change points: with the levels on either side") {
  Values series;
  for (const double level : {10.0, 20.0, 14.0})
    for (int i = 0; i < 12; ++i) series.push_back(level + 0.1 * (i % 3));
  const auto points = change_points(series, {});
  REQUIRE(points.size() == 2);
  CHECK(points[0].index == 12);
  CHECK(points[0].before == Approx(10.1));
  CHECK(points[0].after == Approx(20.1));
  CHECK(points[0].p == Approx(0.001));
  CHECK(points[1].index == 24);
  CHECK(points[1].before == Approx(20.1));
  CHECK(points[1].after == Approx(14.1));
}

TEST_CASE("change points: the first split is that of the most energy, by its definition") {
  Values series = noise(32, 9);
  for (std::size_t i = 15; i < 21; ++i) series[i] += 6;  // taken back later
  const auto mean_distance = [&](std::size_t from, std::size_t to, std::size_t from2,
                                 std::size_t to2) {
    double sum = 0, pairs = 0;
    for (std::size_t i = from; i < to; ++i)
      for (std::size_t j = std::max(from2, from == from2 ? i + 1 : from2); j < to2; ++j) {
        sum += std::abs(series[i] - series[j]);
        ++pairs;
      }
    return pairs == 0 ? 0 : sum / pairs;
  };
  double most = -1;
  std::size_t best = 0;
  for (std::size_t split = 2; split + 2 <= series.size(); ++split) {
    for (std::size_t end = split + 2; end <= series.size(); ++end) {
      const auto n = static_cast<double>(split), m = static_cast<double>(end - split);
      const double energy =
          n * m / (n + m) *
          (2 * mean_distance(0, split, split, end) - mean_distance(0, split, 0, split) -
           mean_distance(split, end, split, end));
      if (energy > most) {
        most = energy;
        best = split;
      }
    }
  }
  const Indices found = found_in(series);
  CHECK(best == 15);
  CHECK(std::ranges::includes(found, Indices{15, 21}));
}

TEST_CASE("change points: noise alone seldom has one") {
  int wrong = 0;
  constexpr int repeats = 600;
  for (unsigned seed = 0; seed < repeats; ++seed)
    wrong += found_in(noise(16, seed), {.max_p = 0.05, .shuffles = 99}).empty() ? 0 : 1;
  CHECK(wrong <= 45);  // 30 expected; 45 or fewer in 99.6 % of such tests
  CHECK(wrong >= 16);
}

TEST_CASE("change points: the same seed has the same answer") {
  Values series = noise(40, 1);
  for (std::size_t i = 20; i < 40; ++i) series[i] += 1;
  CHECK(change_points(series, {.seed = 5}) == change_points(series, {.seed = 5}));
}

TEST_CASE("change points: too short, empty and constant series have none") {
  CHECK(found_in({}).empty());
  CHECK(found_in({1}).empty());
  CHECK(found_in({1, 9}).empty());
  CHECK(found_in({1, 1, 9, 9}).empty());
  CHECK(found_in(Values(50, 0.1)).empty());
}

TEST_CASE("change points: a change needs as many values after it as the shortest piece holds") {
  Values series(30, 1.0);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] += 0.01 * static_cast<double>(i % 5);
  series.back() = 9;
  CHECK(found_in(series).empty());
  series[28] = 9;
  CHECK(found_in(series) == Indices{28});
}

}  // namespace
}  // namespace seatrial::statistics
