// What the record of pairs comes to: which pairs are void and whose fault that is, and contracts
// before statistics.
#include "gate/judgement.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include "support/catch.hpp"

#include "gate/pairing.hpp"
#include "scenario/expectation.hpp"
#include "support/records.hpp"
#include "support/text.hpp"

namespace seatrial::gate {
namespace {

using nlohmann::json;
using test::contains;

json half(const std::string& variant, double p50_ns) {
  json out = json::parse(R"({"status": "finished", "verdict": "pass", "calibration_ns": 10.0,
    "warmup": {"steady": true}, "audit": {"status": "complete", "totals": {"acked_lost": 0}},
    "phases": [{"name": "measure", "from_s": 0.0, "to_s": 10.0}],
    "series": [{"workload": "produce", "points": [
      {"t_s": 1, "intended": 5000, "acked": 5000, "done_acked": 5000}]}],
    "generator": {"foreign_cores": 0.0, "steal_share": 0.0, "hiccup_p999_ns": 100000},
    "workloads": [{"name": "produce", "kind": "producer",
      "totals": {"intended": 5000, "sent": 5000, "acked": 5000, "failed": 0, "unknown": 0,
                 "unsent": 0},
      "latency": {"response": {"count": 5000, "censored": 0, "percentiles": []}}}]})");
  out["variant"] = variant;
  out["workloads"][0]["latency"]["response"]["percentiles"].push_back(
      {{"p", 50.0}, {"ns", p50_ns}});
  return out;
}

// `worse`: by how much each candidate is, with a little noise that differs from pair to pair.
json record_of(int pairs, double worse) {
  json out{{"trials", json::array()}};
  for (int k = 0; k < pairs; ++k) {
    const double noise = 1 + 0.01 * std::sin(k * 2.4);
    json first = half("baseline", 5e6), second = half("candidate", 5e6 * worse * noise);
    if (candidate_first(1, k)) std::swap(first, second);
    for (auto* one : {&first, &second}) {
      (*one)["index"] = out["trials"].size();
      out["trials"].push_back(std::move(*one));
    }
  }
  return out;
}

json& side(json& record, int pair, const char* variant) {
  for (std::size_t i : {std::size_t(2 * pair), std::size_t(2 * pair + 1)})
    if (record["trials"][i]["variant"] == variant) return record["trials"][i];
  throw std::logic_error("no such half");
}

std::vector<Gated> response() {
  Gated out;
  out.text = "p50(produce.response)";
  REQUIRE_FALSE(scenario::parse_question(out.text, out.question));
  return {out};
}

Judgement judged(const json& record, const std::vector<scenario::Expectation>& expect = {}) {
  return judge(View(record), response(), expect, Rules{});
}

TEST_CASE("pairs that agree pass, a slower candidate fails, a faster one passes", "[gate]") {
  CHECK(judged(record_of(10, 1.0)).decision.outcome == Outcome::pass);
  CHECK(judged(record_of(10, 1.2)).decision.outcome == Outcome::fail);
  CHECK(judged(record_of(10, 0.8)).decision.outcome == Outcome::pass);
  CHECK(judged(record_of(9, 1.2)).decision.outcome == Outcome::go_on);
}

TEST_CASE("of a rate less is worse", "[gate]") {
  CHECK(effect(100, 110, true) == Approx(-std::log(1.1)));
  CHECK(effect(100, 110, false) == Approx(std::log(1.1)));
  CHECK(effect(0, 0, false) == 0);
  CHECK(effect(0, 5, false) == Approx(std::log(10.0)));
  CHECK(effect(5, 0, true) == Approx(std::log(10.0)));
}

TEST_CASE("a pair is void by what its outcome cannot cause", "[gate]") {
  const auto reason_of = [](const std::function<void(json&)>& spoil) {
    json record = record_of(4, 1.0);
    spoil(record);
    const auto pairs = judged(record).pairs;
    REQUIRE(pairs.size() == 4);
    for (std::size_t i : {0U, 2U, 3U}) CHECK(pairs[i].voids.empty());
    REQUIRE(pairs[1].voids.size() == 1);
    return pairs[1].voids[0];
  };
  for (const char* either : {"baseline", "candidate"}) {
    INFO(either);
    CHECK(contains(
        reason_of([&](json& r) { side(r, 1, either)["generator"]["foreign_cores"] = 0.7; }),
        std::string(either) + ": "));
    CHECK(contains(
        reason_of([&](json& r) { side(r, 1, either)["generator"]["steal_share"] = 0.2; }), either));
    CHECK(contains(
        reason_of([&](json& r) { side(r, 1, either)["generator"]["hiccup_p999_ns"] = 50000000; }),
        "50 ms"));
    CHECK(contains(reason_of([&](json& r) {
                     side(r, 1, either)["verdict"] = "invalid";
                     side(r, 1, either)["reasons"] = {"the kill had no effect"};
                   }),
                   "the kill had no effect"));
  }
  CHECK(contains(reason_of([](json& r) { r["trials"][3]["calibration_ns"] = 14.0; }), "control: "));
  CHECK(contains(reason_of([](json& r) { side(r, 1, "baseline")["warmup"]["steady"] = false; }),
                 "did not become steady"));
  CHECK(contains(reason_of([](json& r) {
                   side(r, 1, "baseline")["workloads"][0]["generator_limited"] = "too late";
                 }),
                 "too late"));
  CHECK(contains(reason_of([](json& r) {
                   side(r, 1, "baseline")["status"] = "error";
                   side(r, 1, "baseline")["error"] = "no broker came up";
                 }),
                 "no broker came up"));
}

TEST_CASE("a control that moves by chance is noise, and one that follows a side is no gate",
          "[gate]") {
  json chance = record_of(10, 1.3), partial = record_of(10, 1.3);
  for (int k = 0; k < 10; ++k) {
    side(chance, k, "candidate")["calibration_ns"] = k % 2 == 0 ? 11.0 : 9.1;
    side(partial, k, "candidate")["calibration_ns"] = 10.9 + 0.01 * k;
  }
  CHECK(judge(View(chance), response(), {}, {}).decision.outcome == Outcome::fail);
  const auto judged = judge(View(partial), response(), {}, {});
  CHECK(judged.decision.outcome == Outcome::invalid);
  CHECK(contains(judged.decision.reason, "+9."));
  // Less than half of what counts: equal enough.
  for (int k = 0; k < 10; ++k) side(partial, k, "candidate")["calibration_ns"] = 10.1 + 0.01 * k;
  CHECK(judge(View(partial), response(), {}, {}).decision.outcome == Outcome::fail);
}

TEST_CASE("a candidate that does not run or settle counts as worse, and voids nothing", "[gate]") {
  json unsteady = record_of(10, 1.0), gone = record_of(10, 1.0);
  for (int k = 0; k < 10; ++k) {
    side(unsteady, k, "candidate")["warmup"]["steady"] = false;
    side(unsteady, k, "candidate")["latency_unknown"] = {"it was not steady"};
    side(gone, k, "candidate")["status"] = "error";
    side(gone, k, "candidate")["error"] = "node 1 did not start";
  }
  for (const json* record : {&unsteady, &gone}) {
    const auto judgement = judged(*record);
    for (const auto& pair : judgement.pairs) CHECK(pair.voids.empty());
    CHECK(judgement.decision.outcome == Outcome::fail);
  }
  CHECK(contains(judged(unsteady).pairs[0].metrics[0].why, "did not become steady"));
}

TEST_CASE("a broken promise fails at once, in whichever half and even of a void pair", "[gate]") {
  for (const char* variant : {"baseline", "candidate"}) {
    json record = record_of(1, 1.0);
    json& lost = side(record, 0, variant);
    lost["findings"] = {{{"anomaly", "acked-lost"},
                         {"workload", "produce"},
                         {"count", 3},
                         {"allowance", "violation"},
                         {"why", "acks=all promises to keep it"}}};
    lost["generator"]["foreign_cores"] = 0.9;
    const auto judgement = judged(record);
    CHECK(judgement.decision.outcome == Outcome::fail);
    REQUIRE(judgement.broken.size() == 1);
    CHECK(contains(judgement.broken[0], std::string("pair 1, ") + variant));
    CHECK(contains(judgement.broken[0], "3 acked-lost"));
  }
}

TEST_CASE("of the scenario's expectations those of counts are held to, and bounds are not",
          "[gate]") {
  scenario::Expectation none_lost, quick;
  REQUIRE_FALSE(scenario::parse_that("acked_lost == 0", none_lost));
  none_lost.text = "acked_lost == 0";
  REQUIRE_FALSE(scenario::parse_that("p50(produce.response) < 1ms", quick));
  quick.text = "p50(produce.response) < 1ms";
  json record = record_of(10, 1.0);
  CHECK(judged(record, {none_lost, quick}).decision.outcome == Outcome::pass);
  side(record, 4, "candidate")["findings"] = {{{"anomaly", "acked-lost"},
                                               {"workload", "produce"},
                                               {"count", 2},
                                               {"allowance", "expected"}}};
  const auto judgement = judged(record, {none_lost, quick});
  CHECK(judgement.decision.outcome == Outcome::fail);
  REQUIRE_FALSE(judgement.broken.empty());
  CHECK(contains(judgement.broken[0], "acked_lost == 0"));
}

TEST_CASE("a pass needs audits that saw everything", "[gate]") {
  json record = record_of(10, 1.0);
  side(record, 2, "candidate")["audit"] = {{"status", "incomplete"}, {"reason", "out of time"}};
  const auto judgement = judged(record);
  CHECK(judgement.decision.outcome == Outcome::inconclusive);
  CHECK(contains(judgement.decision.reason,
                 "not known of 1 of 20 halves (pair 3, candidate: the audit is incomplete"));
}

TEST_CASE("counts of every kind are held to, and rates and costs are not", "[gate]") {
  json record = record_of(10, 1.0);
  side(record, 1, "candidate")["workloads"][0]["totals"]["failed"] = 4;
  scenario::Expectation none_failed;
  none_failed.text = "failed == 0";
  REQUIRE_FALSE(scenario::parse_that(none_failed.text, none_failed));
  const auto judgement = judged(record, {none_failed});
  CHECK(judgement.decision.outcome == Outcome::fail);
  REQUIRE(judgement.broken.size() == 1);
  CHECK(contains(judgement.broken[0], "failed == 0"));
}

TEST_CASE("of counts of what went well more is better", "[gate]") {
  const auto more = [](const char* name) {
    return scenario::more_is_better(*scenario::find_metric(name));
  };
  for (const char* good : {"acked", "consumed", "distinct", "throughput"}) CHECK(more(good));
  for (const char* bad : {"acked_lost", "failed", "unsent", "response", "broker_cpu_per_mb"})
    CHECK_FALSE(more(bad));
}

TEST_CASE("a share of little is nothing: a floor widens the limits of quick responses", "[gate]") {
  auto gated = response();
  gated[0].floor = 1e6;
  json record = record_of(10, 1.15);
  CHECK(judge(View(record), gated, {}, Rules{}).decision.outcome != Outcome::fail);
  gated[0].floor = 0;
  CHECK(judge(View(record), gated, {}, Rules{}).decision.outcome == Outcome::fail);
}

TEST_CASE("a judgement is written as the record's shape has it", "[gate]") {
  json record = record_of(10, 1.2);
  side(record, 3, "baseline")["warmup"]["steady"] = false;
  const json described = describe(judged(record), response());
  test::check_shape(json{{"gate", described}});
  CHECK(described["pairs"][3]["void"].size() == 1);
  CHECK(described["metrics"][0]["pairs"].size() == 10);
  CHECK(described["metrics"][0]["baseline"] == 5e6);
  CHECK(described["metrics"][0]["unit"] == "ns");
  CHECK(described["metrics"][0]["estimate"].get<double>() == Approx(std::log(1.2)).margin(0.02));
}

}  // namespace
}  // namespace seatrial::gate
