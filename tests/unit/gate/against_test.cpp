// A stored run as baseline: only of the same scenario on the same machine, and what two samples
// say.
#include "gate/against.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "gate/certificate.hpp"
#include "scenario/expectation.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"
#include "support/text.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;
using test::contains;

json trial_of(const std::string& variant, double p50_ns) {
  json out = json::parse(R"({"status": "finished", "verdict": "pass", "index": 0,
    "audit": {"status": "complete"}, "phases": [{"name": "measure", "from_s": 0.0, "to_s": 10.0}],
    "series": [{"workload": "produce", "points": [{"t_s": 1, "intended": 5000, "acked": 5000}]}],
    "workloads": [{"name": "produce", "kind": "producer",
      "totals": {"intended": 5000, "sent": 5000, "acked": 5000, "failed": 0, "unknown": 0,
                 "unsent": 0}}]})");
  out["variant"] = variant;
  out["workloads"][0]["latency"]["response"] = {
      {"count", 5000}, {"percentiles", {{{"p", 50.0}, {"ns", std::llround(p50_ns)}}}}};
  return out;
}

json run_of(const std::string& variant, int trials, double p50_ns) {
  json out{{"run", {{"id", "stored"}, {"started_at", "2026-11-29T00:00:00Z"}}},
           {"scenario", {{"name", "s"}}},
           {"cluster", {{"kind", "local"}}},
           {"environment", {{"kernel", "Linux 6"}, {"cores", 2}}},
           {"verdict", {{"overall", "pass"}}},
           {"trials", json::array()}};
  for (int i = 0; i < trials; ++i)
    out["trials"].push_back(trial_of(variant, p50_ns * (1 + 0.01 * (i % 5))));
  return out;
}

scenario::Plan plan_named(const std::string& name) {
  scenario::Plan out;
  out.name = name;
  return out;
}

std::string refused(const json& record) {
  const json here = run_of("base", 1, 1);
  const auto why =
      not_a_baseline(View(record), plan_named("s"), "local", machine_of(View(here)["environment"]));
  return why.value_or("");
}

TEST_CASE("a stored run is a baseline on its machine alone, and says what differs", "[gate]") {
  CHECK(refused(run_of("base", 6, 5e6)).empty());
  CHECK(contains(refused(run_of("base", 5, 5e6)), "5 valid trials, and it takes 6"));
  auto other = run_of("base", 6, 5e6);
  other["environment"]["kernel"] = "Linux 5";
  CHECK(contains(refused(other), "kernel was Linux 5 and is Linux 6"));
  other = run_of("base", 6, 5e6);
  other["scenario"]["name"] = "t";
  CHECK(contains(refused(other), "its scenario was t, and this one is s"));
  other = run_of("base", 6, 5e6);
  other["cluster"]["kind"] = "mock";
  CHECK(contains(refused(other), "kind mock"));
  other = run_of("base", 6, 5e6);
  other["verdict"]["overall"] = "invalid";
  CHECK(contains(refused(other), "itself invalid"));
  other = run_of("base", 6, 5e6);
  other["trials"][3]["variant"] = "acks=1";
  CHECK(contains(refused(other), "2 variants"));
  CHECK(contains(refused(json::object()), "its scenario was unknown"));
}

TEST_CASE("of a stored gate its baseline counts, and not its candidate", "[gate]") {
  auto record = run_of("baseline", 6, 5e6);
  for (int i = 0; i < 4; ++i) record["trials"].push_back(trial_of("candidate", 9e6));
  record["gate"] = {{"outcome", "pass"}};
  CHECK(stored_trials(View(record)).size() == 6);
  CHECK(refused(record).empty());
}

json concluded(double before, double after, json candidate = nullptr) {
  Gated gated;
  gated.text = "p50(produce.response)";
  REQUIRE_FALSE(scenario::parse_question(gated.text, gated.question));
  Setting setting;
  setting.gated = {gated};
  setting.candidate = {{"a", "b"}};
  if (candidate.is_null()) candidate = run_of("candidate", trials_against, after);
  AgainstCourse course(setting, test::record_of(run_of("base", 10, before)));
  json end = json::object();
  course.conclude(test::record_of(candidate), false, end);
  test::check_shape(end);
  return end;
}

TEST_CASE("two samples pass, fail or tell nothing, and say that it is weaker", "[gate]") {
  const json same = concluded(5e6, 5e6), slower = concluded(5e6, 6.5e6);
  CHECK(same["gate"]["outcome"] == "pass");
  CHECK(same["verdict"]["exit_code"] == 0);
  CHECK(contains(same["verdict"]["reasons"][0].get<std::string>(), "weaker than a gate's pairs"));
  CHECK(slower["gate"]["outcome"] == "fail");
  CHECK(slower["verdict"]["exit_code"] == 1);
  CHECK(slower["gate"]["against"]["run"] == "stored");
  CHECK(concluded(5e6, 5.4e6)["gate"]["outcome"] != "pass");
}

TEST_CASE("a promise that the candidate broke fails whatever its times", "[gate]") {
  auto candidate = run_of("candidate", trials_against, 5e6);
  candidate["trials"][2]["findings"] = {{{"anomaly", "acked-lost"},
                                         {"workload", "produce"},
                                         {"count", 3},
                                         {"allowance", "violation"},
                                         {"why", "acks=all promises to keep it"}}};
  const json end = concluded(5e6, 5e6, candidate);
  CHECK(end["gate"]["outcome"] == "fail");
  CHECK(end["gate"]["broken"].size() == 1);
}

TEST_CASE("too few trials of the candidate are invalid, not passed", "[gate]") {
  const json end = concluded(5e6, 5e6, run_of("candidate", 3, 5e6));
  CHECK(end["gate"]["outcome"] == "invalid");
  CHECK(end["verdict"]["exit_code"] == 2);
}

}  // namespace
}  // namespace seatrial::gate
