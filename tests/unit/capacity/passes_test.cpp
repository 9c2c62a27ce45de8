// Each way in which a trial says that its load was too much, or says nothing.
#include "capacity/passes.hpp"

#include <nlohmann/json.hpp>

#include "scenario/expectation.hpp"
#include "support/catch.hpp"

namespace seatrial::capacity {
namespace {

using nlohmann::json;

json trial() {
  json out = json::parse(R"({"index": 0, "status": "finished", "verdict": "pass",
    "warmup": {"steady": true, "at_most_ns": 10000000000},
    "audit": {"status": "complete", "totals": {"acked_lost": 0}},
    "contract": {"workloads": {"produce": {"acks": "all"}}},
    "first_ack_s": 1.5,
    "phases": [{"name": "warmup", "from_s": -5.0, "to_s": 0.0},
               {"name": "measure", "from_s": 0.0, "to_s": 6.0},
               {"name": "audit", "from_s": 6.5, "to_s": 7.0}],
    "series": [{"workload": "produce", "points": []}],
    "machine": [{"t_s": -1, "generator_cpu": 9.0}, {"t_s": 0, "generator_cpu": 0.2},
                {"t_s": 1, "generator_cpu": 0.4}],
    "brokers": [{"node": 1, "role": "broker", "cpu": 0.7},
                {"node": 2, "role": "broker", "cpu": 0.1}],
    "generator": {"foreign_cores": 0.0, "steal_share": 0.0, "hiccup_p999_ns": 100000,
                  "busy_share": 0.5},
    "findings": [],
    "workloads": [{"name": "produce", "kind": "producer", "lanes": 1, "backpressure_ns": 0,
      "totals": {"intended": 6000, "sent": 6000, "acked": 6000, "failed": 0, "unknown": 0,
                 "unsent": 0},
      "latency": {"response": {"count": 6000, "censored": 0, "max_ns": 9000000,
                               "percentiles": [{"p": 99.0, "ns": 5000000}]}}}]})");
  for (int second = 0; second < 6; ++second) {
    out["series"][0]["points"].push_back(
        {{"t_s", second}, {"intended", 1000}, {"acked", 1000}, {"done_acked", 1000}});
  }
  return out;
}

PassRules rules() {
  PassRules out;
  for (const char* that : {"p99(produce.response) <= 20ms", "acked_lost == 0"}) {
    scenario::Expectation target;
    REQUIRE_FALSE(scenario::parse_that(that, target));
    target.text = that;
    out.targets.push_back(std::move(target));
  }
  out.workloads = {"produce"};
  return out;
}

Seen seen(const json& trial) { return seen_in(View(trial), rules()); }

std::string reason(const json& trial) {
  const Seen found = seen(trial);
  return found.reasons.empty() ? "" : found.reasons.front().name;
}

TEST_CASE("a trial that keeps everything passes, and tells what it saw", "[capacity]") {
  const Seen found = seen(trial());
  CHECK(found.outcome == TrialOutcome::passed);
  CHECK(found.reasons.empty());
  REQUIRE(found.targets.size() == 2);
  CHECK(found.targets[0].held);
  CHECK(*found.targets[0].value == 5e6);
  CHECK(*found.offered_per_s == Approx(1000));
  CHECK(*found.achieved_share == Approx(1));
  CHECK(*found.error_share == 0);
  CHECK(*found.lag_slope == Approx(0));
  CHECK(*found.brokers_cpu == Approx(0.8));
  CHECK(*found.generator_cpu == Approx(0.3));
  CHECK(found.took_s == Approx(13.5));
}

TEST_CASE("a load fails by the name of what it broke", "[capacity]") {
  json slow = trial();
  slow["workloads"][0]["latency"]["response"]["percentiles"][0]["ns"] = 30'000'000;
  CHECK(seen(slow).outcome == TrialOutcome::failed);
  CHECK(reason(slow) == "target");

  json lossy = trial();
  lossy["findings"].push_back({{"anomaly", "acked-lost"}, {"workload", "produce"}, {"count", 3}});
  CHECK(reason(lossy) == "lost");

  json behind = trial();
  for (auto& point : behind["series"][0]["points"]) point["done_acked"] = 980;
  CHECK(reason(behind) == "achieved");

  json erring = trial();
  erring["series"][0]["points"][3]["failed"] = 100;
  CHECK(reason(erring) == "errors");

  json growing = trial();  // by 30 a second at first, and made up for at once at the end
  auto& points = growing["series"][0]["points"];
  for (int i = 0; i < 5; ++i) points[static_cast<std::size_t>(i)]["done_acked"] = 970;
  points[5]["done_acked"] = 1150;
  CHECK(reason(growing) == "lag");

  json unsteady = trial();
  unsteady["warmup"]["steady"] = false;
  CHECK(reason(unsteady) == "steady");
  unsteady["warmup"]["at_most_ns"] = 1'000'000'000;  // too short to tell
  CHECK(seen(unsteady).outcome == TrialOutcome::passed);

  json full = trial();
  full["workloads"][0]["backpressure_ns"] = 2'000'000'000;
  full["workloads"][0]["generator_limited"] = "late";  // behind a full queue: the cluster's doing
  CHECK(seen(full).outcome == TrialOutcome::failed);
  CHECK(reason(full) == "queue");
}

TEST_CASE("a late generator is no failure of the cluster", "[capacity]") {
  json late = trial();
  late["workloads"][0]["generator_limited"] = "lateness p99 is 5 ms";
  late["workloads"][0]["latency"]["response"]["percentiles"][0]["ns"] = 30'000'000;
  CHECK(seen(late).outcome == TrialOutcome::generator);
  CHECK(reason(late) == "generator");
}

TEST_CASE("a trial that something disturbed says nothing, whatever it measured", "[capacity]") {
  const auto with = [](const char* key, double value) {
    json out = trial();
    out["generator"][key] = value;
    return out;
  };
  CHECK(reason(with("foreign_cores", 0.8)) == "foreign");
  CHECK(reason(with("steal_share", 0.2)) == "stolen");
  CHECK(reason(with("hiccup_p999_ns", 3e7)) == "hiccups");
  json busy = with("hiccup_p999_ns", 3e7);
  busy["generator"]["busy_share"] = 0.95;  // the load itself
  CHECK(seen(busy).outcome == TrialOutcome::passed);

  json broken = trial();
  broken["status"] = "error";
  broken["error"] = "no broker came up";
  CHECK(seen(broken).outcome == TrialOutcome::invalid);
  CHECK(reason(broken) == "not_run");

  json untested = trial();
  untested["verdict"] = "invalid";
  CHECK(reason(untested) == "untested");

  json unknown = trial();
  unknown["audit"]["status"] = "incomplete";
  CHECK(seen(unknown).outcome == TrialOutcome::invalid);
  CHECK(reason(unknown) == "lost");
  unknown["workloads"][0]["latency"]["response"]["percentiles"][0]["ns"] = 30'000'000;
  CHECK(seen(unknown).outcome == TrialOutcome::failed);  // that much is sure
  CHECK(seen(json::object()).outcome == TrialOutcome::invalid);
}

TEST_CASE("without acks nothing is said of lag and acks", "[capacity]") {
  json silent = trial();
  silent["contract"]["workloads"]["produce"]["acks"] = "0";
  for (auto& point : silent["series"][0]["points"]) point["done_acked"] = 0;
  const Seen found = seen(silent);
  CHECK(found.outcome == TrialOutcome::passed);
  CHECK_FALSE(found.achieved_share);
}

}  // namespace
}  // namespace seatrial::capacity
