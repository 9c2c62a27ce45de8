// The search on loads whose outcomes are known, and by hand where they are not.
#include "capacity/search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace seatrial::capacity {
namespace {

using Cluster = std::function<TrialOutcome(const Ask&)>;

Cluster knee_at(double knee) {
  return [knee](const Ask& ask) {
    return ask.per_s <= knee ? TrialOutcome::passed : TrialOutcome::failed;
  };
}

Search run(const Cluster& cluster, SearchRules rules = {}, std::vector<Ask>* asked = nullptr) {
  Search search(rules);
  while (const auto ask = search.next()) {
    if (asked != nullptr) asked->push_back(*ask);
    search.take(cluster(*ask), 10);
    REQUIRE(search.trials() <= most_trials(rules));
  }
  return search;
}

TEST_CASE("a search without noise ends one step about the knee, from below and from above",
          "[capacity]") {
  for (const double knee : {1234.0, 64'000.0, 30.0}) {
    INFO(knee);
    const Answer answer = run(knee_at(knee)).answer();
    CHECK(answer.outcome == Outcome::interval);
    CHECK(*answer.lower_per_s <= knee);
    CHECK(*answer.upper_per_s > knee);
    CHECK(*answer.upper_per_s / *answer.lower_per_s <= 1.05);
    CHECK_FALSE(answer.drifted);
    CHECK(answer.soak->passed == 1);
    CHECK(answer.soak->per_s == Approx(0.8 * *answer.lower_per_s));
  }
}

TEST_CASE("loads are doubled, then halved between, and the lower bound comes last but for the soak",
          "[capacity]") {
  std::vector<Ask> asked;
  const Search search = run(knee_at(3000), {.start_per_s = 1000}, &asked);
  CHECK(asked[0] == Ask{Phase::bracket, 1000});
  CHECK(asked[1] == Ask{Phase::bracket, 2000});
  CHECK(asked[2] == Ask{Phase::bracket, 4000});
  CHECK(asked[3] == Ask{Phase::bracket, 4000});
  CHECK(asked[4].phase == Phase::bisect);
  CHECK(asked[4].per_s == Approx(2000 * std::sqrt(2)));
  REQUIRE(asked.size() > 5);
  const Ask& retest = asked[asked.size() - 2];
  CHECK(retest.phase == Phase::retest);
  CHECK(retest.per_s == Approx(*search.answer().lower_per_s));
  CHECK(asked.back().phase == Phase::soak);
}

TEST_CASE("brokers that have just started fail a first load, and that costs no bound",
          "[capacity]") {
  bool cold = true;
  const Answer answer = run([&](const Ask& ask) {
                          if (std::exchange(cold, false)) return TrialOutcome::failed;
                          return knee_at(20'000)(ask);
                        }).answer();
  CHECK(answer.outcome == Outcome::interval);
  CHECK(*answer.lower_per_s <= 20'000);
  CHECK(*answer.upper_per_s > 20'000);
  CHECK(*answer.upper_per_s / *answer.lower_per_s <= 1.05);
}

TEST_CASE("of four trials at a load one may fail for a lower bound, and two make an upper one",
          "[capacity]") {
  const auto outcome = [](int passed, int failed, int generator = 0) {
    Load load;
    load.passed = passed;
    load.failed = failed;
    load.generator = generator;
    return load.outcome();
  };
  CHECK(outcome(3, 1) == LoadOutcome::lower);
  CHECK(outcome(3, 0) == LoadOutcome::lower);
  CHECK(outcome(2, 2) == LoadOutcome::upper);
  CHECK(outcome(0, 2) == LoadOutcome::upper);
  CHECK(outcome(0, 1, 1) == LoadOutcome::generator);
  CHECK(outcome(0, 0, 2) == LoadOutcome::generator);
  CHECK(outcome(0, 0) == LoadOutcome::open);
}

TEST_CASE("a load that passes and fails lies inside the interval, not at its end", "[capacity]") {
  int trials = 0;
  const Answer answer = run([&](const Ask& ask) {
                          if (std::abs(ask.per_s / 2828.4 - 1) < 0.001)
                            return ++trials % 2 == 0 ? TrialOutcome::passed : TrialOutcome::failed;
                          return ask.per_s < 2828 ? TrialOutcome::passed : TrialOutcome::failed;
                        }).answer();
  CHECK(answer.outcome == Outcome::interval);
  CHECK(*answer.lower_per_s < 2828);
  CHECK(*answer.upper_per_s > 2829);
}

TEST_CASE("where the generator ends there is no upper bound", "[capacity]") {
  const Answer answer = run([](const Ask& ask) {
                          return ask.per_s > 5000 ? TrialOutcome::generator : TrialOutcome::passed;
                        }).answer();
  CHECK(answer.outcome == Outcome::at_least);
  CHECK(answer.ended_by_generator);
  CHECK_FALSE(answer.upper_per_s);
  CHECK(*answer.lower_per_s <= 5000);
  CHECK(*answer.lower_per_s > 4700);
}

TEST_CASE("a lower bound that fails when it is tested again widens the interval downwards",
          "[capacity]") {
  double before = 0;
  const Answer answer = run([&](const Ask& ask) {
                          if (ask.phase == Phase::retest && before == 0) {
                            before = ask.per_s;
                            return TrialOutcome::failed;
                          }
                          const double knee = before > 0 ? 2500 : 3000;
                          return ask.per_s <= knee ? TrialOutcome::passed : TrialOutcome::failed;
                        }).answer();
  CHECK(answer.drifted);
  CHECK(answer.outcome == Outcome::interval);
  CHECK(*answer.lower_per_s <= 2500);
  CHECK(*answer.lower_per_s < before);
  CHECK(*answer.upper_per_s > 3000);
}

TEST_CASE("what says nothing is asked for three times, and then the load is undecided",
          "[capacity]") {
  std::vector<Ask> asked;
  const Answer answer =
      run(
          [](const Ask& ask) {
            return ask.per_s > 3000 ? TrialOutcome::invalid : TrialOutcome::passed;
          },
          {.start_per_s = 1000}, &asked)
          .answer();
  CHECK(std::ranges::count(asked, Ask{Phase::bracket, 4000}) == 3);
  CHECK(answer.outcome == Outcome::at_least);
  CHECK(*answer.undecided_per_s == Approx(4000));
  CHECK_FALSE(answer.ended_by_generator);
  const Answer none = run([](const Ask&) { return TrialOutcome::invalid; }).answer();
  CHECK(none.outcome == Outcome::undecided);
}

TEST_CASE("a search ends at the ends of its range", "[capacity]") {
  const Answer top = run([](const Ask&) { return TrialOutcome::passed; }).answer();
  CHECK(top.outcome == Outcome::at_least);
  CHECK(top.at_the_top);
  const Answer bottom = run([](const Ask&) { return TrialOutcome::failed; }).answer();
  CHECK(bottom.outcome == Outcome::at_most);
  CHECK(*bottom.upper_per_s == Approx(1000 / 1024.0));
}

TEST_CASE("a budget ends a search early, with its last phases", "[capacity]") {
  SearchRules rules{.start_per_s = 1000, .budget_s = 100};
  rules.cost_s = {10, 10, 10, 10, 10};
  std::vector<Ask> asked;
  const Answer answer = run(knee_at(3000), rules, &asked).answer();
  CHECK(asked.size() == 10);
  CHECK(answer.out_of_time);
  CHECK(answer.outcome == Outcome::interval);
  CHECK(answer.soak->passed == 1);
  CHECK(*answer.lower_per_s <= 3000);
  CHECK(*answer.upper_per_s > 3000);
}

TEST_CASE("the same outcomes lead to the same loads", "[capacity]") {
  std::vector<Ask> first, second;
  static_cast<void>(run(knee_at(77'777), {}, &first));
  static_cast<void>(run(knee_at(77'777), {}, &second));
  CHECK(first == second);
}

TEST_CASE("steps are as wide as asked for, or narrower", "[capacity]") {
  CHECK(steps_per_octave(0.05) == 16);
  CHECK(steps_per_octave(0.02) == 64);
  CHECK(steps_per_octave(0.5) == 2);
}

}  // namespace
}  // namespace seatrial::capacity
