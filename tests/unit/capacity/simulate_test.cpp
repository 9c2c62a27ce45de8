// How often a search's interval holds the truth, and whether all of them end.
#include "capacity/simulate.hpp"

#include "support/catch.hpp"

namespace seatrial::capacity {
namespace {

TEST_CASE("of a thousand searches with 10 % noise at least 95 % hold the knee, and all end",
          "[capacity]") {
  const Found found = simulate({.noise = 0.1, .searches = 1000, .seed = 1});
  CHECK(found.searches == 1000);
  CHECK(found.inside >= 950);
  CHECK(found.intervals >= 950);
  CHECK(found.unbounded == 0);
  CHECK(found.median_width < 0.15);
  CHECK(found.mean_trials < 40);
}

TEST_CASE("without noise every search holds the knee within one step", "[capacity]") {
  const Found found = simulate({.noise = 0, .invalid = 0, .searches = 200, .seed = 2});
  CHECK(found.inside == 200);
  CHECK(found.median_width <= 0.05);
}

TEST_CASE("where the generator ends below the knee, a least is found and no upper bound",
          "[capacity]") {
  const Found found =
      simulate({.noise = 0.1, .invalid = 0, .generator_at = 0.3, .searches = 200, .seed = 3});
  CHECK(found.at_least >= 190);  // others start more than ten octaves above, and find nothing
  CHECK(found.inside == found.at_least);
  CHECK(found.intervals == 0);
}

}  // namespace
}  // namespace seatrial::capacity
