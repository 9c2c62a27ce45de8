// Pairs of trials out of two plans, and what cannot be paired.
#include "gate/pairing.hpp"

#include "support/catch.hpp"

#include "support/text.hpp"

namespace seatrial::gate {
namespace {

scenario::Plan plan_of(int trials, const std::string& version, const std::string& kind = "local") {
  scenario::Plan out;
  out.seed = 7;
  for (int i = 0; i < trials; ++i) {
    scenario::TrialPlan trial;
    trial.index = i;
    trial.variant = "base";
    trial.repeat = i;
    trial.seed = static_cast<std::uint64_t>(100 + i);
    trial.cluster.kind = kind;
    trial.cluster.version = version;
    out.trials.push_back(std::move(trial));
  }
  return out;
}

TEST_CASE("a pair is one trial of either side with the same seed", "[gate]") {
  const auto candidate = plan_of(8, "4.3.1");
  const auto pairs = paired(plan_of(8, "4.2.0"), {&candidate});
  REQUIRE(pairs.trials.size() == 16);
  for (std::size_t k = 0; k < 8; ++k) {
    const auto &first = pairs.trials[2 * k], &second = pairs.trials[2 * k + 1];
    CHECK(first.index == static_cast<int>(2 * k));
    CHECK(second.index == static_cast<int>(2 * k + 1));
    CHECK(first.seed == second.seed);
    CHECK(first.repeat == static_cast<int>(k));
    CHECK(first.variant != second.variant);
    for (const auto* half : {&first, &second})
      CHECK(half->cluster.version == (half->variant == "baseline" ? "4.2.0" : "4.3.1"));
    CHECK((first.variant == "candidate") == candidate_first(7, static_cast<int>(k)));
  }
}

TEST_CASE("each block of two pairs has both orders, and the seed draws which is first", "[gate]") {
  int begins_with_candidate = 0;
  for (int block = 0; block < 500; ++block) {
    CHECK(candidate_first(3, 2 * block) != candidate_first(3, 2 * block + 1));
    begins_with_candidate += candidate_first(3, 2 * block) ? 1 : 0;
  }
  CHECK(begins_with_candidate > 200);
  CHECK(begins_with_candidate < 300);
  bool differs = false;
  for (int block = 0; block < 20; ++block)
    differs = differs || candidate_first(3, 2 * block) != candidate_first(4, 2 * block);
  CHECK(differs);
}

TEST_CASE("an axis that is not fixed, and kinds that differ, cannot be compared", "[gate]") {
  auto several = plan_of(4, "4.2.0");
  several.axes = {"acks"};
  several.trials[1].variant = "acks=all";
  const auto why = not_comparable(several, plan_of(4, "4.2.0"));
  REQUIRE(why);
  CHECK(test::contains(*why, "--set matrix.acks=[VALUE]"));
  const auto kinds = not_comparable(plan_of(2, "4.2.0"), plan_of(2, "4.2.0", "compose"));
  REQUIRE(kinds);
  CHECK(test::contains(*kinds, "local and compose"));
  CHECK_FALSE(not_comparable(plan_of(2, "4.2.0"), plan_of(2, "4.2.0")));
}

}  // namespace
}  // namespace seatrial::gate
