// How a gate ends: each outcome, each rule, and the sentences that a reader of a log gets.
#include "gate/decide.hpp"

#include <algorithm>
#include <cmath>

#include "core/check.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "unit/gate/pairs.hpp"

namespace seatrial::gate {
namespace {

using Series = std::vector<GatedSeries>;

using by_hand::counted;
using by_hand::pairs_of;
using by_hand::series;
using by_hand::spread_about;

Decision after(const Series& all, const Rules& rules = {}) {
  return decide(all, rules, static_cast<int>(all.front().pairs.size()), 0);
}

TEST_CASE("gate: a clear regression fails at the first look") {
  const Decision decision = after({series("p99", spread_about(0.12, 0.03, 10))});
  REQUIRE(decision.outcome == Outcome::fail);
  CHECK(decision.look == 1);
  REQUIRE(decision.metrics.size() == 1);
  const MetricDecision& metric = decision.metrics.front();
  CHECK(metric.outcome == Outcome::fail);
  CHECK(metric.p_worse == 1.0 / 1024);
  CHECK(metric.p_adjusted == metric.p_worse);
  CHECK(metric.estimate.value == Approx(std::log1p(0.12)).epsilon(1e-9));
  CHECK(decision.reason == "regression after 10 pairs: p99");
}

TEST_CASE("gate: no difference passes at the first look, and says what it would have caught") {
  const Decision decision = after({series("throughput", spread_about(0, 0.03, 10))});
  REQUIRE(decision.outcome == Outcome::pass);
  const MetricDecision& metric = decision.metrics.front();
  CHECK(metric.outcome == Outcome::pass);
  CHECK(metric.p_not_too_much_worse <= 0.01 / 3);
  CHECK(metric.minimum_detectable > 0.05);
  CHECK(metric.minimum_detectable < 0.10);
  CHECK(decision.reason.starts_with("no regression after 10 pairs; one of "));
}

TEST_CASE("gate: an improvement passes") {
  const Decision decision = after({series("throughput", spread_about(-0.3, 0.03, 10))});
  CHECK(decision.outcome == Outcome::pass);
  CHECK(decision.metrics.front().p_worse == 1);
}

TEST_CASE("gate: certain, but less than delta, is no failure") {
  const Decision decision = after({series("p50", spread_about(0.03, 0.005, 10))});
  CHECK(decision.metrics.front().p_worse == 1.0 / 1024);
  CHECK(decision.outcome == Outcome::pass);
}

TEST_CASE("gate: at delta it fails, though delta_max is ruled out as well") {
  const auto with = [](double ratio) {
    return after({series("p50", spread_about(ratio, 0.005, 10))}).outcome;
  };
  CHECK(with(0.052) == Outcome::fail);
  CHECK(with(0.048) == Outcome::pass);
}

TEST_CASE("gate: between looks it goes on, whatever was seen") {
  for (int n = 0; n < 24; ++n) {
    const Decision decision = after({series("p99", spread_about(2.0, 0.01, n))});
    CAPTURE(n);
    CHECK((decision.outcome == Outcome::go_on) == (n != 10 && n != 16));
    CHECK((decision.look == 0) == (n != 10 && n != 16));
    if (n == 11)
      CHECK(decision.reason == "11 pairs valid; the next look comes after 16 of at most 24");
  }
}

TEST_CASE("gate: a void pair after a look changes nothing") {
  const Series all{series("p99", spread_about(0.06, 0.2, 10))};
  const Rules patient{.futility_power = 0};
  const Decision first = decide(all, patient, 10, 0);
  const Decision again = decide(all, patient, 12, 2);
  CHECK(first.outcome == Outcome::go_on);
  CHECK(again.outcome == Outcome::go_on);
  CHECK(first.metrics.front().p_worse == again.metrics.front().p_worse);
}

TEST_CASE("gate: the last look ends it, without an answer if there is none") {
  const Rules patient{.futility_power = 0};
  const Decision decision = after({series("p99", spread_about(0.06, 0.4, 24))}, patient);
  CHECK(decision.outcome == Outcome::inconclusive);
  CHECK(decision.look == 3);
  CHECK(decision.metrics.front().outcome == Outcome::inconclusive);
  CHECK(decision.reason ==
        "after 24 pairs, the last look: neither a pass nor a failure of p99; measure "
        "longer, allow more pairs, or find what disturbs the machine");
  const Decision beyond = after({series("p99", spread_about(0.06, 0.4, 26))}, patient);
  CHECK(beyond.outcome == Outcome::inconclusive);
}

TEST_CASE("gate: it gives up early where the last look would hardly tell") {
  const Series noisy{series("p99", spread_about(0.04, 0.5, 10))};
  const Decision decision = after(noisy);
  REQUIRE(decision.outcome == Outcome::inconclusive);
  CHECK(decision.look == 1);
  CHECK(decision.reason.starts_with(
      "after 10 pairs: going on to 24 would answer with a chance of only "));
  CHECK(after(noisy, {.futility_power = 0}).outcome == Outcome::go_on);
}

TEST_CASE("gate: it does not give up while the last look may well tell") {
  CHECK(after({series("p99", spread_about(0.0, 0.17, 10))}).outcome == Outcome::go_on);
  CHECK(after({series("p99", spread_about(0.2, 0.35, 10))}).outcome == Outcome::go_on);
}

TEST_CASE("gate: every metric must pass, and one is enough to fail") {
  const GatedSeries good = series("throughput", spread_about(0, 0.02, 10));
  const GatedSeries bad = series("p99", spread_about(0.2, 0.02, 10));
  const GatedSeries open = series("cpu", spread_about(0.0, 0.17, 10));
  CHECK(after({good, good}).outcome == Outcome::pass);
  CHECK(after({good, open}).outcome == Outcome::go_on);
  const Decision decision = after({good, bad, open});
  REQUIRE(decision.outcome == Outcome::fail);
  CHECK(decision.reason == "regression after 10 pairs: p99");
  CHECK(decision.metrics[0].outcome == Outcome::pass);
  CHECK(decision.metrics[1].outcome == Outcome::fail);
  CHECK(decision.metrics[2].outcome == Outcome::inconclusive);
}

TEST_CASE("gate: metrics share the chance of a false alarm") {
  Series all{series("p99", spread_about(0.2, 0.02, 10))};
  for (int i = 0; i < 3; ++i) all.push_back(series("m", spread_about(0, 0.17, 10)));
  // 4 / 1024 is above 0.01 / 3: ten pairs are too few for four metrics.
  const Decision four = after(all);
  CHECK(four.outcome == Outcome::go_on);
  CHECK(four.metrics.front().p_adjusted == 4.0 / 1024);
  all.pop_back();
  CHECK(after(all).outcome == Outcome::fail);
}

TEST_CASE("gate: counts fail within two pairs, before any statistics") {
  const auto noisy = [](int n) { return series("p99", spread_about(0, 0.5, n)); };
  const auto with = [&](const std::vector<double>& ratios) {
    return after({counted("requests", ratios), noisy(static_cast<int>(ratios.size()))});
  };
  CHECK(with({0.03}).outcome == Outcome::go_on);
  const Decision decision = with({0.03, 0.02});
  REQUIRE(decision.outcome == Outcome::fail);
  CHECK(decision.look == 0);
  CHECK(decision.reason == "regression after 2 pairs: requests");
  CHECK(decision.metrics[0].reason ==
        "2.5 % worse in 2 pairs: more than the 1 % allowed; a count has no noise to blame");
  CHECK(decision.metrics[1].outcome == Outcome::inconclusive);
  CHECK(decision.metrics[1].reason.starts_with("not judged: "));
  CHECK(with({0.03, 0.0}).outcome == Outcome::go_on);
  CHECK(with({0.03, 0.0, 0.03}).outcome == Outcome::fail);
  CHECK(with({0.03, -0.03}).outcome == Outcome::go_on);
  CHECK(with({-0.03, -0.03}).outcome == Outcome::go_on);  // better: left to the noisy one
}

TEST_CASE("gate: counts alone pass after two pairs, and wait where pairs differ") {
  const auto with = [](const std::vector<double>& ratios) {
    return after({counted("requests", ratios)});
  };
  CHECK(with({0.0}).outcome == Outcome::go_on);
  const Decision decision = with({0.0, 0.0});
  CHECK(decision.outcome == Outcome::pass);
  CHECK(decision.reason == "no regression after 2 pairs");
  CHECK(decision.metrics.front().reason ==
        "no change in 2 pairs: within the 1 % allowed of a count");
  CHECK(with({-0.2, -0.2}).outcome == Outcome::pass);
  CHECK(with({0.03, 0.0}).outcome == Outcome::go_on);
  CHECK(with({0.03, -0.03}).outcome == Outcome::go_on);
  CHECK(with({0.03, 0.0, 0.0}).outcome == Outcome::pass);
}

TEST_CASE("gate: a failed count is found beside any noisy pass") {
  std::vector<double> late(10, 0.0);
  std::fill(late.begin() + 3, late.end(), 0.05);
  const Decision decision =
      after({series("p50", spread_about(0, 0.01, 10)), counted("fsyncs", late)});
  CHECK(decision.outcome == Outcome::fail);
}

TEST_CASE("gate: too many void pairs make it invalid, though a metric failed or passed") {
  const Series all{series("p99", spread_about(0.3, 0.01, 10))};
  CHECK(decide(all, {}, 13, 3).outcome == Outcome::fail);  // 23 %
  CHECK(decide(all, {}, 14, 4).outcome == Outcome::go_on);  // 29 %: the next look may have less
  const Decision decision = decide(all, {}, 19, 9);
  REQUIRE(decision.outcome == Outcome::invalid);
  CHECK(decision.metrics.front().outcome == Outcome::invalid);
  CHECK(decision.reason ==
        "9 of 19 pairs were void, more than 25 %; nothing is said of the candidate; see "
        "what each pair was disturbed by, and run the gate again on a quieter machine");
  CHECK(decide({series("p99", {})}, {}, 8, 8).outcome == Outcome::go_on);
  CHECK(decide({series("p99", {})}, {}, 9, 9).outcome == Outcome::invalid);
  Rules one_look;
  one_look.looks = {10};
  CHECK(decide(all, one_look, 13, 3).outcome == Outcome::fail);
  CHECK(decide(all, one_look, 14, 4).outcome == Outcome::invalid);
  CHECK(decide({series("p99", pairs_of({0, 0, 0}))}, {}, 4, 1).outcome == Outcome::go_on);
}

// The second half of each pair is worse by this, whichever build it runs.
std::vector<PairEffect> with_slot(std::vector<PairEffect> pairs, double slot) {
  for (PairEffect& pair : pairs) pair.effect += pair.candidate_first ? -slot : slot;
  return pairs;
}

TEST_CASE("gate: halves that are not alike forbid a pass, and a failure") {
  for (const double effect : {0.0, 0.3}) {
    const auto pairs = spread_about(effect, 0.02, 10);
    CHECK(after({series("p99", with_slot(pairs, 0.01))}).outcome != Outcome::invalid);
    const Decision decision = after({series("p99", with_slot(pairs, 0.05))});
    CAPTURE(effect);
    REQUIRE(decision.outcome == Outcome::invalid);
    const MetricDecision& metric = decision.metrics.front();
    CHECK(metric.slot_effect_vetoes);
    CHECK(metric.slot_effect == Approx(0.05).margin(0.012));
    CHECK(metric.reason.starts_with("the second half of a pair is "));
    CHECK(decision.reason.starts_with("nothing can be said of the candidate after 10 pairs"));
  }
}

TEST_CASE("gate: a slot effect may be an advantage of the second half as well") {
  const auto pairs = spread_about(0, 0.02, 10);
  const MetricDecision metric = after({series("p99", with_slot(pairs, -0.05))}).metrics.front();
  CHECK(metric.slot_effect == Approx(-0.05).margin(0.012));
  CHECK(metric.outcome == Outcome::invalid);
}

TEST_CASE("gate: a slot effect that may be noise forbids nothing") {
  const Decision decision =
      after({series("p99", with_slot(spread_about(0, 0.5, 10), 0.05))}, {.futility_power = 0});
  CHECK(std::abs(decision.metrics.front().slot_effect) > 0.025);
  CHECK_FALSE(decision.metrics.front().slot_effect_vetoes);
  CHECK(decision.outcome == Outcome::go_on);
}

TEST_CASE("gate: a regression elsewhere counts, though one metric's halves are not alike") {
  const Decision decision = after({series("p99", with_slot(spread_about(0, 0.02, 10), 0.05)),
                                   series("cpu", spread_about(0.3, 0.02, 10))});
  CHECK(decision.outcome == Outcome::fail);
  CHECK(decision.metrics[0].outcome == Outcome::invalid);
}

TEST_CASE("gate: one order alone cannot be judged") {
  auto pairs = spread_about(0.3, 0.02, 10);
  for (PairEffect& pair : pairs) pair.candidate_first = pair.pair < 2;
  const Decision decision = after({series("p99", pairs)});
  REQUIRE(decision.outcome == Outcome::invalid);
  CHECK(decision.metrics.front().reason.starts_with("the candidate was first in 2 of 10 pairs"));
  pairs[2].candidate_first = true;
  CHECK(after({series("p99", pairs)}).outcome == Outcome::fail);
}

TEST_CASE("gate: a metric that some pairs lack is invalid") {
  const Decision decision =
      decide({series("p50", spread_about(0, 0.02, 10)), series("p99", spread_about(0, 0.02, 8))},
             {}, 10, 0);
  REQUIRE(decision.outcome == Outcome::invalid);
  CHECK(decision.metrics[1].reason ==
        "measured in 8 of 10 valid pairs; a metric needs a value in both halves of each");
}

TEST_CASE("gate: no noise at all is no trouble") {
  CHECK(after({series("p99", pairs_of(std::vector<double>(10, 0.0)))}).outcome == Outcome::pass);
  CHECK(after({series("p99", pairs_of(std::vector<double>(10, 0.2)))}).outcome == Outcome::fail);
}

// Each sentence that a log may hold, as golden text.
TEST_CASE("gate: the sentences") {
  std::string text;
  const auto add = [&](const char* what, const Decision& decision) {
    text += std::string("== ") + what + "\n" + name_of(decision.outcome) + ": " + decision.reason;
    for (const MetricDecision& metric : decision.metrics)
      text += "\n  " + metric.metric + " " + name_of(metric.outcome) + ": " + metric.reason;
    text += "\n";
  };
  const auto p99 = [](double ratio, double spread, int n) {
    return series("p99", spread_about(ratio, spread, n), {0.10, 0.20});
  };
  const Rules patient{.futility_power = 0};
  add("fail", after({p99(0.25, 0.08, 10)}));
  add("fail, one of two", after({p99(0.25, 0.08, 10), series("cpu", spread_about(0, 0.17, 10))}));
  add("pass", after({p99(-0.004, 0.08, 10)}));
  add("pass without noise", after({p99(0, 0, 10)}));
  add("pass of more metrics than the look can fail",
      after({p99(0, 0.02, 10), p99(0, 0.02, 10), p99(0, 0.02, 10), p99(0.01, 0.02, 10)}));
  add("inconclusive, above delta", after({p99(0.15, 0.7, 24)}, patient));
  add("inconclusive, below delta", after({p99(0.06, 0.5, 24)}, patient));
  add("inconclusive, one of two",
      after({p99(0.06, 0.5, 24), series("cpu", spread_about(0, 0.01, 24))}, patient));
  add("futile", after({p99(0.08, 0.7, 10)}));
  add("go on", after({p99(0, 0.3, 10)}));
  add("go on between looks", after({p99(0, 0.3, 3)}));
  add("slot effect", after({series("p99", with_slot(spread_about(0, 0.02, 10), 0.05))}));
  add("slot effect, for the better",
      after({series("p99", with_slot(spread_about(0, 0.02, 10), -0.05))}));
  add("void", decide({p99(0.3, 0.01, 10)}, {}, 19, 9));
  add("void from the first", decide({p99(0, 0, 0)}, {}, 9, 9));
  add("missing", decide({p99(0, 0.01, 9)}, {}, 10, 0));
  add("counts fail", after({counted("fsyncs", {0.03, 0.02}), p99(0, 0.1, 2)}));
  add("counts pass", after({counted("fsyncs", {0, 0.002})}));
  add("counts differ",
      after({counted("fsyncs", {0.03, -0.02, 0.04, -0.04, 0.05, -0.05, 0.06, -0.03, 0.02, -0.02})},
            {.looks = {10}}));
  seatrial::test::compare_with_golden(text, "gate/reasons.txt");
}

TEST_CASE("gate: what cannot be decided is refused") {
  CHECK_THROWS_AS(decide({}, {}, 0, 0), InvariantBroken);
  const Series all{series("p99", {})};
  CHECK_THROWS_AS(decide(all, {.looks = {}}, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(decide(all, {.looks = {10, 10}}, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(decide(all, {.looks = {0, 10}}, 0, 0), InvariantBroken);
  CHECK_THROWS_AS(decide(all, {}, 1, 2), InvariantBroken);
}

TEST_CASE("gate: a count that was not counted in each pair does not pass") {
  const Series some{counted("fsyncs", {0, 0.001})};
  CHECK(decide(some, {}, 2, 0).outcome == Outcome::pass);
  CHECK(decide(some, {}, 10, 0).outcome != Outcome::pass);
}

}  // namespace
}  // namespace seatrial::gate
