// A planted failure is found among many faults although it shows only in some runs.
#include "chaos/shrink.hpp"

#include <algorithm>
#include <random>
#include <set>

#include "support/catch.hpp"

namespace seatrial::chaos {
namespace {

// Fails at a rate where all of `needed` are in a candidate, and never elsewhere.
struct Planted {
  std::set<std::size_t> needed;
  double rate = 1;
  std::mt19937_64 engine{1};
  int runs = 0;
  int least_hold = 0;  // of the needed: fails no more when halved more often

  Outcome operator()(const Candidate& candidate) {
    ++runs;
    std::size_t found = 0;
    for (const Piece& piece : candidate) {
      if (needed.contains(piece.fault) && piece.halvings <= least_hold) ++found;
    }
    const bool shows = std::bernoulli_distribution(rate)(engine);
    return found == needed.size() && shows ? Outcome::fails : Outcome::passes;
  }
};

struct Searched {
  ShrinkEnd end = ShrinkEnd::minimal;
  ShrinkState state;
  int saved = 0;
};

Searched search(Planted& planted, std::size_t faults, ShrinkState state = {}, int most_runs = 1000,
                int halvings = 0) {
  Searched out{.state = std::move(state)};
  const ShrinkSetting setting{.halvings = std::vector<int>(faults, halvings),
                              .run = [&](const Candidate& candidate) { return planted(candidate); },
                              .save = [&](const ShrinkState&) { ++out.saved; },
                              .enough = [&] { return planted.runs >= most_runs; }};
  out.end = shrink(setting, out.state);
  return out;
}

std::set<std::size_t> faults_of(const Candidate& candidate) {
  std::set<std::size_t> out;
  for (const Piece& piece : candidate) out.insert(piece.fault);
  return out;
}

TEST_CASE("a failure that always shows shrinks to what it needs") {
  Planted planted{.needed = {2, 6}};
  const auto found = search(planted, 8);
  CHECK(found.end == ShrinkEnd::minimal);
  CHECK(faults_of(found.state.best) == std::set<std::size_t>{2, 6});
  CHECK(found.saved > planted.runs);
}

TEST_CASE("two of eight faults that fail in half of the runs are found, over many seeds") {
  int exact = 0, runs = 0;
  constexpr int seeds = 500;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    std::mt19937_64 engine(seed);
    Planted planted{.needed = {}, .rate = 0.5, .engine = std::mt19937_64(seed + 1000)};
    while (planted.needed.size() < 2) planted.needed.insert(engine() % 8);
    const auto found = search(planted, 8);
    if (found.end == ShrinkEnd::not_reproduced) continue;  // 1 in 32: five passes in a row
    const auto left = faults_of(found.state.best);
    CHECK(std::ranges::includes(left, planted.needed));
    exact += left == planted.needed ? 1 : 0;
    runs += planted.runs;
  }
  INFO(exact << " of " << seeds << " were exact, " << runs / seeds << " runs each");
  CHECK(exact > seeds * 90 / 100);
  CHECK(runs / seeds < 80);
}

TEST_CASE("what does not show again is not shrunk") {
  Planted planted{.needed = {0}, .rate = 0};
  CHECK(search(planted, 4).end == ShrinkEnd::not_reproduced);
  CHECK(planted.runs == 5);
}

TEST_CASE("a search that is cut short goes on without running anything again") {
  Planted whole{.needed = {1, 5}};
  const auto at_once = search(whole, 8);
  Planted parts{.needed = {1, 5}};
  auto found = search(parts, 8, {}, 9);
  CHECK(found.end == ShrinkEnd::out_of_budget);
  CHECK(std::ranges::includes(faults_of(found.state.best), parts.needed));
  found = search(parts, 8, found.state);
  CHECK(found.state.best == at_once.state.best);
  CHECK(parts.runs == whole.runs);
}

TEST_CASE("what is held too long is held for half as long, while it still fails") {
  Planted planted{.needed = {3}, .least_hold = 2};
  const auto found = search(planted, 4, {}, 1000, 5);
  CHECK(to_string(found.state.best) == "3/2");
}

TEST_CASE("what says nothing is run again, some times") {
  int runs = 0;
  ShrinkState state;
  const ShrinkSetting setting{.halvings = {0, 0},
                              .run =
                                  [&](const Candidate& candidate) {
                                    ++runs;
                                    return candidate.size() == 2 ? Outcome::fails
                                                                 : Outcome::says_nothing;
                                  },
                              .save = [](const ShrinkState&) {},
                              .enough = [] { return false; }};
  CHECK(shrink(setting, state) == ShrinkEnd::minimal);
  CHECK(state.best.size() == 2);
  CHECK(runs == 5 + 4 * 3);  // each half, and each left out once more
}

TEST_CASE("repeats follow from the rate: one in twenty may be missed") {
  CHECK(repeats_for(10'000, 10'000, 20) == 1);
  CHECK(repeats_for(5000, 10'000, 20) == 5);
  CHECK(repeats_for(5, 5, 20) == 2);
  CHECK(repeats_for(1, 5, 20) == 11);
  CHECK(repeats_for(1, 1000, 20) == 20);
}

}  // namespace
}  // namespace seatrial::chaos
