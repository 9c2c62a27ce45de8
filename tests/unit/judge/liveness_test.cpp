// Under chaos acks are demanded only while no more is broken than replication tolerates.
#include "judge/liveness.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace seatrial::judge {
namespace {

nlohmann::json trial_with_gap(double from, double to) {
  return {
      {"chaos",
       {{"within", "beyond"},
        {"grace_s", 8},
        {"demanding", {{{"from_s", 0}, {"to_s", 12}}, {{"from_s", 20}, {"to_s", 60}}}}}},
      {"availability",
       {{{"topic", "orders"}, {"partition", 1}, {"gaps", {{{"from_s", from}, {"to_s", to}}}}}}}};
}

TEST_CASE("no acks for longer than a failover takes fail, where acks are demanded") {
  const auto missed = missed_liveness(View(trial_with_gap(25, 34))).certain;
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].find("orders/1 acked nothing for 9.0 s from 25.0 s on") == 0);
  CHECK(missed_liveness(View(trial_with_gap(25, 33))).certain.empty());  // a failover
  CHECK(
      missed_liveness(View(trial_with_gap(5, 27))).certain.empty());  // beyond tolerance in between
  CHECK(missed_liveness(View(trial_with_gap(12, 20))).certain.empty());
  CHECK(missed_liveness(View(trial_with_gap(12, 29))).certain.size() == 1);
}

TEST_CASE("where others took the machine's time, no acks for a little longer are no failure yet") {
  auto trial = trial_with_gap(25, 34);
  trial["phases"] = {{{"name", "measure"}, {"from_s", 0}, {"to_s", 60}}};
  trial["generator"]["taken_share"] = 0.1;
  const auto missed = missed_liveness(View(trial));
  CHECK(missed.certain.empty());
  REQUIRE(missed.doubtful.size() == 1);
  CHECK(missed.doubtful[0].find("others took 10 % of this machine's time") != std::string::npos);
  trial["generator"]["taken_share"] = 0.01;
  CHECK(missed_liveness(View(trial)).certain.size() == 1);
}

TEST_CASE("of a timeline that was written nothing is demanded") {
  auto trial = trial_with_gap(25, 59);
  trial.erase("chaos");
  CHECK(missed_liveness(View(trial)).certain.empty());
}

}  // namespace
}  // namespace seatrial::judge
