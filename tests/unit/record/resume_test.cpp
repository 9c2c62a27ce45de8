// Which runs a plan can go on with.
#include "record/resume.hpp"

#include "support/catch.hpp"

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

json record_of(int trials) {
  json record{{"scenario", {{"text", "name: x\n"}}}, {"trials", json::array()}};
  const scenario::Plan plan = plan_of(trials);
  for (const auto& trial : plan.trials) {
    record["trials"].push_back({{"index", trial.index},
                                {"variant", trial.variant},
                                {"seed", trial.seed},
                                {"status", "finished"},
                                {"verdict", "pass"}});
  }
  return record;
}

TEST_CASE("a run goes on with the same plan, or with one of more repeats") {
  CHECK(!not_resumable(record_of(4), plan_of(4)));
  CHECK(!not_resumable(record_of(3), plan_of(40)));
  CHECK(!not_resumable(record_of(0), plan_of(4)));
}

TEST_CASE("a trial whose settings were refused is not tried again") {
  json record = record_of(2);
  record["trials"][1] = {{"index", 1}, {"status", "error"}, {"verdict", "unknown"}};
  CHECK_FALSE(is_finished(record, 1));
  record["trials"][1]["refused"] = true;
  CHECK(is_finished(record, 1));
}

TEST_CASE("a run does not go on with another plan") {
  CHECK(not_resumable(record_of(4), plan_of(2))->find("raise --repeat") != std::string::npos);
  auto other_text = plan_of(4);
  other_text.text = "name: y\n";
  CHECK(not_resumable(record_of(4), other_text)->find("another text") != std::string::npos);
  auto other_seed = plan_of(4);
  other_seed.trials[2].seed = 7;
  CHECK(not_resumable(record_of(4), other_seed)->find("trial 2 was another") != std::string::npos);
  auto other_variant = plan_of(4);
  other_variant.trials[3].variant = "acks=0";
  CHECK(not_resumable(record_of(4), other_variant)->find("trial 3") != std::string::npos);
}

TEST_CASE("only a trial that came to its verdict is finished") {
  json record = record_of(3);
  record["trials"][1]["status"] = "error";
  record["trials"][2].erase("verdict");
  CHECK(is_finished(record, 0));
  CHECK_FALSE(is_finished(record, 1));
  CHECK_FALSE(is_finished(record, 2));
  CHECK_FALSE(is_finished(record, 3));
}

TEST_CASE("secrets that a record does not hold keep no run from going on") {
  auto plan = plan_of(4);
  plan.text = "name: x hunter2hunter2\n";
  plan.secrets = {"hunter2hunter2"};
  json record = record_of(4);
  record["scenario"]["text"] = "name: x ***\n";
  CHECK(!not_resumable(record, plan));
  record["scenario"]["text"] = plan.text;  // no record of ours
  CHECK(not_resumable(record, plan));
}

TEST_CASE("a trial that never began, and so has no seed, is no other trial") {
  json record = record_of(4);
  record["trials"][3] = {{"index", 3}};
  CHECK(!not_resumable(record, plan_of(4)));
  CHECK_FALSE(is_finished(record, 3));
}

}  // namespace
}  // namespace seatrial::record
