// Which runs a plan can go on with.
#include "record/resume.hpp"

#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::record {
namespace {

using nlohmann::json;

scenario::Plan plan_of(int trials) {
  scenario::Plan plan;
  plan.text = "name: x\n";
  for (int i = 0; i < trials; ++i) {
    scenario::TrialPlan trial;
    trial.index = i;
    trial.variant = i % 2 == 0 ? "acks=1" : "acks=all";
    trial.seed = 100 + static_cast<std::uint64_t>(i);
    plan.trials.push_back(trial);
  }
  return plan;
}

json fields_of(int trials) {
  json fields{{"scenario", {{"text", "name: x\n"}}}, {"trials", json::array()}};
  const scenario::Plan plan = plan_of(trials);
  for (const auto& trial : plan.trials) {
    fields["trials"].push_back({{"index", trial.index},
                                {"variant", trial.variant},
                                {"seed", trial.seed},
                                {"status", "finished"},
                                {"verdict", "pass"}});
  }
  return fields;
}

TEST_CASE("a run goes on with the same plan, or with one of more repeats") {
  CHECK(!not_resumable(test::record_of(fields_of(4)), plan_of(4)));
  CHECK(!not_resumable(test::record_of(fields_of(3)), plan_of(40)));
  CHECK(!not_resumable(test::record_of(fields_of(0)), plan_of(4)));
}

TEST_CASE("a trial whose settings were refused is not tried again") {
  json fields = fields_of(2);
  fields["trials"][1] = {{"index", 1}, {"status", "error"}, {"verdict", "unknown"}};
  CHECK_FALSE(is_finished(test::record_of(fields), 1));
  fields["trials"][1]["refused"] = true;
  CHECK(is_finished(test::record_of(fields), 1));
}

TEST_CASE("a run does not go on with another plan") {
  CHECK(not_resumable(test::record_of(fields_of(4)), plan_of(2))->find("raise --repeat") !=
        std::string::npos);
  auto other_text = plan_of(4);
  other_text.text = "name: y\n";
  CHECK(not_resumable(test::record_of(fields_of(4)), other_text)->find("another text") !=
        std::string::npos);
  auto other_seed = plan_of(4);
  other_seed.trials[2].seed = 7;
  CHECK(not_resumable(test::record_of(fields_of(4)), other_seed)->find("trial 2 was another") !=
        std::string::npos);
  auto other_variant = plan_of(4);
  other_variant.trials[3].variant = "acks=0";
  CHECK(not_resumable(test::record_of(fields_of(4)), other_variant)->find("trial 3") !=
        std::string::npos);
}

TEST_CASE("only a trial that came to its verdict is finished") {
  json fields = fields_of(3);
  fields["trials"][1]["status"] = "error";
  fields["trials"][2].erase("verdict");
  CHECK(is_finished(test::record_of(fields), 0));
  CHECK_FALSE(is_finished(test::record_of(fields), 1));
  CHECK_FALSE(is_finished(test::record_of(fields), 2));
  CHECK_FALSE(is_finished(test::record_of(fields), 3));
}

TEST_CASE("secrets that a record does not hold keep no run from going on") {
  auto plan = plan_of(4);
  plan.text = "name: x hunter2hunter2\n";
  plan.secrets = {"hunter2hunter2"};
  json fields = fields_of(4);
  fields["scenario"]["text"] = "name: x ***\n";
  CHECK(!not_resumable(test::record_of(fields), plan));
  fields["scenario"]["text"] = plan.text;  // no record of ours
  CHECK(not_resumable(test::record_of(fields), plan));
}

TEST_CASE("a trial that never began, and so has no seed, is no other trial") {
  json fields = fields_of(4);
  fields["trials"][3] = {{"index", 3}};
  CHECK(!not_resumable(test::record_of(fields), plan_of(4)));
  CHECK_FALSE(is_finished(test::record_of(fields), 3));
}

}  // namespace
}  // namespace seatrial::record
