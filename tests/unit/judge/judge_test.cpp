// Verdicts: a broken promise fails whatever the scenario hoped for; no evidence is unknown, never a
// pass.
#include "judge/judge.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/registry.hpp"
#include "judge/explain.hpp"
#include "judge/metrics.hpp"
#include "measure/histogram.hpp"
#include "record/audit_record.hpp"
#include "record/latency_record.hpp"
#include "run/verdict.hpp"
#include "scenario/expectation.hpp"
#include "support/catch.hpp"
#include "support/records.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;

Judgement judge_trial(const json& trial, const std::vector<scenario::Expectation>& expectations,
                      const std::vector<std::string>& problems) {
  return judge::judge_trial(View(trial), expectations, problems);
}

json judge_run(const json& record, const std::vector<scenario::Expectation>& expectations,
               bool interrupted) {
  json judged = run::describe_judgement(
      judge::judge_run(View(record), expectations, {}, interrupted), expectations);
  test::check_shape(judged);
  return judged;
}

json good_trial() {
  return json::parse(R"({
    "index": 0, "variant": "acks=1", "axes": {"acks": "1"}, "status": "finished", "verdict": "pass",
    "phases": [{"name": "measure", "from_s": 0.0, "to_s": 2.0}],
    "nodes": [{"id": 1, "role": "broker"}, {"id": 2, "role": "broker"}, {"id": 3, "role": "broker"},
              {"id": 101, "role": "controller"}],
    "workloads": [{"name": "produce", "kind": "producer", "offered_per_s": 1000.0,
      "totals": {"intended": 100, "sent": 0, "acked": 97, "failed": 1, "unknown": 2,
                 "unsent": 0},
      "latency": {"response": {"count": 100, "mean_ns": 5, "max_ns": 90,
                               "percentiles": [{"p": 50.0, "ns": 4}, {"p": 99.0, "ns": 80}]}},
      "latency_outside_faults": {
          "response": {"count": 50, "percentiles": [{"p": 99.0, "ns": 8}]}}}],
    "series": [{"workload": "produce", "points": [
        {"t_s": -1, "intended": 40, "acked": 40, "done_acked": 50},
        {"t_s": 0, "intended": 30, "acked": 29, "done_acked": 20},
        {"t_s": 1, "intended": 30, "acked": 28, "done_acked": 40}]}],
    "availability": [{"topic": "orders", "partition": 0, "longest_ns": 1500000000, "gaps": []}],
    "faults": [{"index": 0, "action": "pause", "effect": "held",
                "status": "effective", "evidence": {"nodes": [
                  {"node": 2, "seen_s": 1.0, "undone_s": 1.7},
                  {"node": 3, "seen_s": 1.1, "undone_s": 1.7}]}},
               {"index": 1, "action": "kill", "effect": "killed",
                "status": "effective", "evidence": {
                  "nodes": [{"node": 1, "asked_s": 1.5, "seen_s": 1.6}],
                  "partitions": [{"partition": 0, "leader_before": 1},
                                 {"partition": 1, "leader_before": 2}]}}],
    "audit": {"status": "complete", "totals": {"acked_lost": 190, "duplicate": 0}},
    "findings": [{"anomaly": "acked-lost", "workload": "produce", "count": 190,
                  "allowance": "expected", "why": "acks=1"}],
    "generator": {"limited": false}})");
}

scenario::Expectation expectation(const std::string& that) {
  scenario::Expectation out;
  out.text = that;
  const auto wrong = scenario::parse_that(that, out);
  INFO(that);
  REQUIRE(!wrong);
  return out;
}

std::optional<double> value(const scenario::Expectation& expectation, const json& trial) {
  const auto found = measured(expectation, View(trial));
  return found.known() ? std::optional(found.least) : std::nullopt;
}

std::optional<double> value(const std::string& metric, const json& trial) {
  return value(expectation(metric), trial);
}

TEST_CASE("metrics come from the record's fields") {
  const json trial = good_trial();
  CHECK(value("acked_lost == 0", trial) == 190.0);
  CHECK(value("duplicate == 0", trial) == 0.0);
  CHECK(value("acked > 0", trial) == 97.0);
  CHECK(value("p99(produce.response) < 1ms", trial) == 80.0);
  CHECK(value("max(produce.response) < 1ms", trial) == 90.0);
  CHECK(value("unknown_share < 5%", trial) == 0.02);
  CHECK(value("throughput > 1/s", trial) == 30.0);
  CHECK(value("unavailability < 2s", trial) == 1.5e9);
  auto outside = expectation("p99(produce.response) < 1ms");
  outside.outside_faults = true;
  CHECK(value(outside, trial) == 8.0);
}

TEST_CASE("a span by the clock is less certain by what others took of the machine's time") {
  json trial = good_trial();  // two seconds of measure
  trial["workloads"].push_back({{"name", "read"},
                                {"group", {{"longest_unowned_ns", 1'500'000'000}}},
                                {"totals", {{"consumed", 12}, {"longest_lag_ns", 1'500'000'000}}}});
  const auto verdict = [&](const std::string& that, double taken) {
    trial["generator"] = json::object();
    if (taken > 0) trial["generator"]["taken_share"] = taken;
    return judge_trial(trial, {expectation(that.c_str())}, {}).verdict;
  };
  for (const std::string metric : {"unavailability", "read.realtime_lag", "read.unowned"}) {
    INFO(metric);
    CHECK(verdict(metric + " < 1200ms", 0) == Verdict::fail);
    CHECK(verdict(metric + " < 1200ms", 0.3) == Verdict::unknown);
    CHECK(verdict(metric + " < 800ms", 0.3) == Verdict::fail);
    CHECK(verdict(metric + " < 1600ms", 0.3) == Verdict::pass);
    CHECK(verdict(metric + " > 1200ms", 0.3) == Verdict::unknown);
    CHECK(verdict(metric + " > 800ms", 0.3) == Verdict::pass);
  }
  trial["workloads"].back()["totals"]["undelivered"] = 3;
  CHECK(verdict("read.realtime_lag < 1200ms", 0.3) == Verdict::unknown);
  trial["availability"] = json::array({{{"longest_ns", 0}}});
  CHECK(value("unavailability < 1s", trial) == 0.0);
}

TEST_CASE("a leader that comes back to its partition has not changed, another one has") {
  json trial = good_trial();
  CHECK(!value("leader_changes == 0", trial));
  const double end_s = 30;
  trial["phases"] = {{{"name", "measure"}, {"from_s", 0}, {"to_s", end_s}}};
  const auto led = [](double t_s, int partition, int leader) {
    return json{{"t_s", t_s}, {"topic", "orders"}, {"partition", partition}, {"leader", leader}};
  };
  trial["leadership"] = {led(-4, 0, 1), led(-4, 1, 2), led(-1, 1, 3)};
  CHECK(value("leader_changes == 0", trial) == 0.0);
  trial["leadership"].push_back(led(2, 0, -1));
  trial["leadership"].push_back(led(4, 0, 1));
  CHECK(value("leader_changes == 0", trial) == 0.0);
  trial["leadership"].push_back(led(5, 0, -1));
  trial["leadership"].push_back(led(6, 0, 2));
  trial["leadership"].push_back(led(9, 0, 1));
  trial["leadership"].push_back(led(9, 1, 3));
  CHECK(value("leader_changes == 0", trial) == 2.0);
  trial["leadership"].push_back(led(end_s + 0.1, 1, 1));
  CHECK(value("leader_changes == 0", trial) == 2.0);
}

TEST_CASE(
    "nodes that ended by themselves are told from those that were asked to, and from the living") {
  json trial = good_trial();
  trial.erase("faults");
  CHECK(!value("halted == 0", trial));
  CHECK(!value("log_dirs_given_up == 0", trial));
  trial["faults"] = json::array({{{"evidence", {{"nodes", json::array()}}}}});
  CHECK(value("halted == 0", trial) == 0.0);
  CHECK(value("log_dirs_given_up == 0", trial) == 0.0);
  for (const std::string after : {"exited with code 143", "killed by signal 9", "running (pid 7)",
                                  "exited with code 1", "exited with code 0"})
    trial["faults"][0]["evidence"]["nodes"].push_back({{"node", 1}, {"after", after}});
  trial["faults"][0]["evidence"]["nodes"].push_back(
      {{"member", 1}, {"after", "exited with code 1"}});
  CHECK(value("halted == 0", trial) == 2.0);
  trial["faults"][0]["evidence"]["counted"] = {
      {{"node", 1}, {"kind", "log dirs given up"}, {"value", 1}},
      {{"node", 2}, {"kind", "log dirs given up"}, {"value", 2}},
      {{"node", 2}, {"kind", "bytes left on the disk"}, {"value", 9}}};
  CHECK(value("log_dirs_given_up == 0", trial) == 3.0);
}

TEST_CASE("what a checker finds is counted, expected and totalled without any list of names") {
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    INFO(name);
    std::string key = name;
    std::ranges::replace(key, '-', '_');
    Finding finding;
    finding.anomaly = name;
    finding.workload = "produce";
    finding.count = 3;
    finding.allowance = Allowance::violation;  // of unseen, neutral means that nobody can tell
    const json totals = record::audit_totals({finding});
    const auto* metric = scenario::find_metric(key);
    const bool counts = metric != nullptr && metric->kind == MetricKind::count;
    CHECK(totals.contains(key) == counts);
    if (counts) CHECK(totals.at(key) == 3);
    const CountOf of = plugin.make(Options{})->count_of();
    CHECK((metric != nullptr && metric->origin == scenario::MetricSpec::Origin::checker) ==
          (of != CountOf::nothing));
    if (of == CountOf::nothing) continue;
    CHECK(metric->help == plugin.help);
    json trial = good_trial();
    trial["findings"].push_back(record::to_json(finding));
    CHECK(value(key + " == 0", trial) == (name == "acked-lost" ? 193.0 : 3.0));
  }
}

TEST_CASE("a variant's row adds up whatever its trials' checkers found") {
  json trial = good_trial();
  trial["audit"]["totals"]["never_heard_of"] = 4;
  const json run = judge_run({{"trials", {trial, trial}}}, {}, false);
  CHECK(run.at("variants").at(0).at("never_heard_of") == 8);
}

TEST_CASE("a count that has a column is summed for each variant, and shown where there was any") {
  json trial = good_trial();
  trial["audit"]["totals"]["group_skipped"] = 4;
  trial["workloads"][0]["totals"]["expired"] = 2;
  trial["workloads"][0]["totals"]["transactions_fenced"] = 0;
  const json run = judge_run({{"trials", {trial, trial}}}, {}, false);
  CHECK(run.at("variants").at(0).at("group_skipped") == 8);
  CHECK(run.at("variants").at(0).at("expired") == 4);
  const auto shown = [&](const std::string& key) {
    return std::ranges::any_of(run.at("columns"), [&](const json& c) { return c["key"] == key; });
  };
  CHECK(shown("group_skipped"));
  CHECK(shown("expired"));
  CHECK_FALSE(shown("transactions_fenced"));  // none was
  CHECK_FALSE(shown("acked_lost"));           // has a place of its own
}

TEST_CASE("a load of which nothing fell due within measure is no evidence") {
  json trial = good_trial();
  for (auto& point : trial["series"][0]["points"]) {
    if (point["t_s"] >= 0) point["intended"] = 0;
  }
  CHECK(!value("produce.failed == 0", trial));
  CHECK(!value("produce.acked_lost == 0", trial));
  CHECK(value("produce.intended > 0", trial));
  CHECK(value("failed == 0", trial));  // over all loads
}

TEST_CASE("what was never handed over may still be handed over again") {
  json trial = good_trial();
  trial["workloads"].push_back({{"name", "read"}, {"totals", {{"redelivered", 0}}}});
  CHECK(value("redelivered == 0", trial) == 0.0);
  trial["workloads"][1]["totals"]["undelivered"] = 5;
  CHECK(judge_trial(trial, {expectation("redelivered == 0")}, {}).verdict == Verdict::unknown);
  trial["workloads"][1]["totals"]["redelivered"] = 3;
  CHECK(judge_trial(trial, {expectation("redelivered > 2")}, {}).verdict == Verdict::pass);
  CHECK(judge_trial(trial, {expectation("redelivered == 0")}, {}).verdict == Verdict::fail);
}

TEST_CASE("a broken promise that a control demands is no failure, any other is one") {
  json trial = good_trial();
  trial["findings"][0]["allowance"] = "violation";
  const auto verdict = [&](const std::string& text, bool control) {
    auto asked = expectation(text);
    asked.control = control;
    return judge_trial(trial, {asked}, {}).verdict;
  };
  CHECK(verdict("acked_lost > 0", true) == Verdict::pass);
  CHECK(verdict("acked_lost >= 100", true) == Verdict::pass);
  CHECK(verdict("acked_lost > 0", false) == Verdict::fail);    // that it may come is no demand
  CHECK(verdict("acked_lost < 1000", true) == Verdict::fail);  // none would do as well
  CHECK(verdict("acked_lost > 1000", true) == Verdict::fail);  // nor does it hold
  CHECK(verdict("acked > 0", true) == Verdict::fail);          // another one
  auto elsewhere = expectation("acked_lost > 0");
  elsewhere.control = true;
  elsewhere.where = {{"acks", {"all"}}};
  CHECK(judge_trial(trial, {elsewhere}, {}).verdict == Verdict::fail);
  elsewhere.where = {{"acks", {"1"}}};
  CHECK(judge_trial(trial, {elsewhere}, {}).verdict == Verdict::pass);
  const json run = judge_run({{"trials", {trial}}}, {elsewhere}, false);
  CHECK(run.at("verdict").at("overall") == "pass");
  CHECK(run.at("verdict").dump().find("but those that controls demand") != std::string::npos);
}

TEST_CASE("expectations of variants that did not run are no reason to pass") {
  json trial = good_trial();
  trial["axes"] = {{"acks", "1"}};
  auto asked = expectation("acked > 0"), other = expectation("acked > 1000");
  asked.where = {{"acks", {"1"}}};
  other.where = {{"acks", {"all"}}};
  const auto verdict_of = [&](const std::vector<scenario::Expectation>& expected) {
    return judge_run({{"trials", {trial}}}, expected, false)["verdict"];
  };
  CHECK(verdict_of({other})["overall"] == "unknown");
  CHECK(verdict_of({asked, other})["overall"] == "pass");
  CHECK(verdict_of({asked, other})["reasons"][0] ==
        "no setting's promise was broken, and 1 of 2 expectations held; the others are of variants "
        "that did not run");
}

TEST_CASE("what the record does not hold has no value") {
  json trial = good_trial();
  CHECK(!value("p99.9(produce.response) < 1ms", trial));
  trial["audit"]["status"] = "incomplete";
  CHECK(!value("acked_lost == 0", trial));
  trial.erase("availability");
  CHECK(!value("unavailability < 2s", trial));
  CHECK(!value("acked_lost == 0", json::object()));
}

TEST_CASE("a trial passes when nothing promised was broken and expectations hold") {
  CHECK(judge_trial(good_trial(), {expectation("acked_lost > 0")}, {}).verdict == Verdict::pass);
  CHECK(judge_trial(good_trial(), {expectation("acked_lost == 0")}, {}).verdict == Verdict::fail);
}

TEST_CASE("a violation fails even where the scenario expects it") {
  json trial = good_trial();
  trial["findings"][0]["allowance"] = "violation";
  const auto judged = judge_trial(trial, {expectation("acked_lost > 0")}, {});
  CHECK(judged.verdict == Verdict::fail);
  CHECK(judged.reasons[0] == "190 acked-lost: acks=1");
}

TEST_CASE("a producer of which nothing was acked proves nothing") {
  json trial = good_trial();
  trial["workloads"][0]["totals"]["acked"] = 0;
  CHECK(judge_trial(trial, {}, {}).verdict == Verdict::unknown);
  trial["workloads"][0]["errors"] =
      json::parse(R"([{"partition": 0, "error": "_MSG_TIMED_OUT", "count": 1},
                      {"partition": 0, "error": "MSG_SIZE_TOO_LARGE", "count": 1000},
                      {"partition": 1, "error": "MSG_SIZE_TOO_LARGE", "count": 234}])");
  CHECK(judge_trial(trial, {}, {}).reasons.at(0) ==
        "workload 'produce' got no message acked (1,234 MSG_SIZE_TOO_LARGE, 1 _MSG_TIMED_OUT): "
        "nothing was put to the test");
  const json judged = judge_run({{"trials", {trial}}}, {}, false);
  CHECK(judged["variants"][0]["errors"]["MSG_SIZE_TOO_LARGE"] == 1234);
}

TEST_CASE("less than a stated share of a load is another load, and unknown") {
  const auto held = expectation("duplicate == 0");
  json trial = good_trial();
  const auto reason = [&]() -> std::string {
    const auto judged = judge_trial(trial, {held}, {});
    CHECK(judged.verdict == (judged.reasons.empty() ? Verdict::pass : Verdict::unknown));
    return judged.reasons.empty() ? "" : judged.reasons.front();
  };
  trial["workloads"][0]["totals"]["unsent"] = 10;
  CHECK(reason().empty());
  trial["workloads"][0]["totals"]["unsent"] = 11;
  trial["workloads"][0]["notes"] = {"lane 1 was late",
                                    "fatal client error OUT_OF_ORDER_SEQUENCE_NUMBER: a gap"};
  CHECK(reason() ==
        "of 100 messages of workload 'produce' that fell due 11 were never sent, since its client "
        "gave up: fatal client error OUT_OF_ORDER_SEQUENCE_NUMBER: a gap");
  trial["workloads"][0].erase("notes");
  CHECK(reason().find("of 100 messages of workload 'produce' that fell due 11 were never sent") ==
        0);
  // What it did is judged all the same.
  CHECK(judge_trial(trial, {expectation("acked > 1000")}, {}).verdict == Verdict::fail);
  // One that waits for each transaction may be later.
  trial["workloads"][0]["totals"]["transactions_committed"] = 5;
  CHECK(reason().empty());
  trial["workloads"][0]["totals"]["unsent"] = 51;
  CHECK(reason().find("less than 50 % of a load") != std::string::npos);
}

TEST_CASE("no load at all, or none within measure, is invalid and judged by nothing") {
  const auto held = expectation("duplicate == 0");
  const auto invalid = [&](const json& trial, const std::string& why) {
    const auto judged = judge_trial(trial, {held, expectation("acked > 1000")}, {});
    INFO(judged.reasons.at(0));
    CHECK(judged.verdict == Verdict::invalid);
    CHECK(judged.reasons.size() == 1);
    CHECK(judged.reasons.at(0).find(why) != std::string::npos);
  };
  json trial = good_trial();  // all of it fell due, and ended, within warm-up
  trial["series"][0]["points"] = {{{"t_s", -1}, {"intended", 100}, {"acked", 97}}};
  invalid(trial, "no message fell due within measure");

  trial = good_trial();
  trial["workloads"] = {{{"name", "read"}, {"totals", {{"consumed", 5}}}}};
  invalid(trial, "no workload produces");

  trial = good_trial();
  trial["workloads"][0]["totals"] = {{"intended", 0}, {"acked", 0}, {"unsent", 0}};
  trial["workloads"].push_back({{"name", "other"}, {"totals", {{"intended", 5}, {"acked", 5}}}});
  invalid(trial, "no message of workload 'produce' fell due");
}

TEST_CASE("a load of which nothing was acked within measure, or nothing read, is unknown") {
  json trial = good_trial();
  for (json& point : trial["series"][0]["points"]) {
    if (point["t_s"] >= 0) point["acked"] = 0;
  }
  auto judged = judge_trial(trial, {expectation("duplicate == 0")}, {});
  CHECK(judged.verdict == Verdict::unknown);
  CHECK(judged.reasons.at(0).find("no message of measure acked") != std::string::npos);
  trial = good_trial();
  trial["workloads"].push_back({{"name", "read"}, {"totals", {{"consumed", 0}}}});
  judged = judge_trial(trial, {}, {});
  CHECK(judged.verdict == Verdict::unknown);
  CHECK(judged.reasons.at(0).find("'read' was handed no message") != std::string::npos);
}

TEST_CASE("no loss is not claimed of what nobody acked, nor of availability that nobody saw") {
  json trial = good_trial();
  trial["findings"] = json::array();
  trial["workloads"][0]["totals"]["acked"] = 0;
  trial["workloads"][0]["totals"]["sent"] = 97;
  CHECK(!value("acked_lost == 0", trial));
  CHECK(!value("unavailability < 2s", trial));
  CHECK(value("duplicate == 0", trial) == 0.0);
}

TEST_CASE("trials prove something about loss only if their load happened and all was decided") {
  const auto audited = [](const std::function<void(json&)>& change) {
    json trial = good_trial();
    trial["audit"]["totals"]["acked_lost"] = 0;
    change(trial);
    return judge_run({{"trials", {trial}}}, {}, false)["variants"][0]["audited_trials"].get<int>();
  };
  CHECK(audited([](json&) {}) == 1);
  CHECK(audited([](json& trial) { trial["workloads"][0]["totals"]["acked"] = 0; }) == 0);
  CHECK(audited([](json& trial) { trial["audit"]["undecided"] = {"orders/0: gone"}; }) == 0);
  CHECK(audited([](json& trial) { trial["audit"]["failed_checkers"]["acked-lost"] = "no"; }) == 0);
  CHECK(audited([](json& trial) { trial["verdict"] = "invalid"; }) == 0);
  CHECK(audited([](json& trial) { trial["workloads"][0]["totals"]["unsent"] = 80; }) == 0);
}

TEST_CASE("a control that does not bite makes the trial invalid, and nothing else is judged") {
  auto control = expectation("acked_lost > 0");
  control.control = true;
  const auto wrong = expectation("duplicate > 5");
  CHECK(judge_trial(good_trial(), {control}, {}).verdict == Verdict::pass);
  CHECK(judge_trial(good_trial(), {wrong, control}, {}).verdict == Verdict::fail);
  json trial = good_trial();
  trial["findings"] = json::array();
  const auto judged = judge_trial(trial, {wrong, control}, {});
  CHECK(judged.verdict == Verdict::invalid);
  REQUIRE(judged.reasons.size() == 1);
  CHECK(judged.reasons[0] ==
        "nothing was put to the test: the control 'acked_lost > 0', observed 0");
  // A broken promise stays one; and of what nobody can tell, nobody can tell whether it bit.
  trial["findings"] = {{{"anomaly", "duplicate"}, {"count", 1}, {"allowance", "violation"}}};
  CHECK(judge_trial(trial, {control}, {}).verdict == Verdict::fail);
  trial = good_trial();
  trial["audit"]["status"] = "incomplete";
  CHECK(judge_trial(trial, {control}, {}).verdict == Verdict::unknown);
}

TEST_CASE("the run shows what its controls observed, also in trials that they made invalid") {
  auto control = expectation("acked_lost > 0");
  control.control = true;
  json missed = good_trial();
  missed["findings"] = json::array();
  missed["verdict"] = "invalid";
  json run = judge_run({{"trials", {missed}}}, {control}, false);
  CHECK(run["verdict"]["overall"] == "invalid");
  CHECK(run["verdict"]["exit_code"] == 2);
  CHECK(run["expectations"][0]["outcome"] == "missed");
  CHECK(run["expectations"][0]["observed"] == "0");
  CHECK(run["expectations"][0]["control"] == true);
  control.over = scenario::Over::sum;
  auto failing = expectation("duplicate > 5");
  failing.over = scenario::Over::any;
  missed["verdict"] = "pass";
  run = judge_run({{"trials", {missed}}}, {failing, control}, false);
  CHECK(run["verdict"]["overall"] == "invalid");
  run = judge_run({{"trials", {good_trial()}}}, {failing, control}, false);
  CHECK(run["verdict"]["overall"] == "fail");
}

TEST_CASE("a variant without a valid trial makes the run invalid") {
  json record{{"trials", json::array()}};
  for (int i = 0; i < 8; ++i) {
    json trial = good_trial();
    trial["index"] = i;
    trial["variant"] = i == 0 ? "acks=all" : "acks=1";
    trial["verdict"] = i == 0 ? "invalid" : "pass";
    record["trials"].push_back(trial);
  }
  CHECK(judge_run(record, {}, false)["verdict"]["overall"] == "invalid");
  record["trials"][1]["variant"] = "acks=all";
  CHECK(judge_run(record, {}, false)["verdict"]["overall"] == "pass");
}

TEST_CASE("a fault without effect makes a trial invalid, not green") {
  const auto judged =
      judge_trial(good_trial(), {expectation("acked_lost == 0")}, {"fault kill: nothing"});
  CHECK(judged.verdict == Verdict::invalid);
}

TEST_CASE("an incomplete audit is unknown, never a pass") {
  json trial = good_trial();
  trial["audit"] = {{"status", "incomplete"}, {"reason", "orders/0: time was up"}};
  CHECK(judge_trial(trial, {}, {}).verdict == Verdict::unknown);
  trial.erase("audit");
  CHECK(judge_trial(trial, {}, {}).verdict == Verdict::unknown);
}

TEST_CASE("what a checker that failed would have counted is unknown, and not zero") {
  json trial = good_trial();
  trial["findings"] = json::array();
  trial["audit"]["failed_checkers"]["acked-lost"] = "out of memory";
  CHECK(measured(expectation("acked_lost == 0"), View(trial)).why ==
        "the checker that counts it failed");
  CHECK(value("duplicate == 0", trial) == 0.0);
  CHECK(judge_trial(trial, {expectation("acked_lost > 0")}, {}).verdict == Verdict::unknown);
}

TEST_CASE("undecided messages are unknown") {
  json trial = good_trial();
  trial["audit"]["undecided"] = {"orders/0: deleted meanwhile"};
  CHECK(judge_trial(trial, {}, {}).verdict == Verdict::unknown);
}

TEST_CASE("a generator at its limit gets no verdict on latency") {
  json trial = good_trial();
  trial["workloads"].push_back({{"name", "other"},
                                {"totals", {{"intended", 1}, {"acked", 1}}},
                                {"latency", trial["workloads"][0]["latency"]}});
  trial["workloads"].push_back(
      {{"name", "read"},
       {"latency", {{"end_to_end", trial["workloads"][0]["latency"]["response"]}}}});
  const auto verdict = [&](const std::string& that) {
    return judge_trial(trial, {expectation(that)}, {}).verdict;
  };
  CHECK(verdict("p99(produce.response) < 1s") == Verdict::pass);
  trial["workloads"][0]["generator_limited"] = "lateness p99 is 20 ms";
  // Neither held nor failed.
  CHECK(verdict("p99(produce.response) < 1s") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) < 1ns") == Verdict::unknown);
  // The worst of all workloads; and from the intended time, whoever was late.
  CHECK(verdict("p99(response) < 1s") == Verdict::unknown);
  CHECK(verdict("p99(read.end_to_end) < 1s") == Verdict::unknown);
  // Another load is judged, and so is all that is no latency.
  CHECK(verdict("p99(other.response) < 1s") == Verdict::pass);
  CHECK(verdict("acked > 0") == Verdict::pass);
  auto any = expectation("p99(produce.response) < 1s");
  any.over = scenario::Over::any;
  CHECK(judge_run({{"trials", {trial}}}, {any}, false)["expectations"][0]["outcome"] == "unknown");
}

TEST_CASE("of a trial that was not steady, or disturbed, no latency is judged") {
  json trial = good_trial();
  const auto verdict = [&](const std::string& that) {
    return judge_trial(trial, {expectation(that)}, {}).verdict;
  };
  trial["latency_unknown"] = {"workload 'produce' was not steady after 60 s of warm-up"};
  CHECK(verdict("p99(produce.response) < 1s") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) < 1ns") == Verdict::unknown);
  CHECK(verdict("acked > 0") == Verdict::pass);
  const auto judged = judge_trial(trial, {expectation("p99(produce.response) < 1s")}, {});
  CHECK(judged.reasons.front().find("was not steady after 60 s") != std::string::npos);
}

TEST_CASE("of what reads too slowly, only its own latency is unknown") {
  json trial = good_trial();
  trial["workloads"].push_back(
      {{"name", "read"},
       {"falls_behind", "it reads 300/s of 1,000/s"},
       {"latency", {{"end_to_end", trial["workloads"][0]["latency"]["response"]}}}});
  const auto verdict = [&](const std::string& that) {
    return judge_trial(trial, {expectation(that)}, {}).verdict;
  };
  CHECK(verdict("p99(read.end_to_end) < 1s") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) < 1s") == Verdict::pass);
}

// 500 latencies, of which p99 has too few beyond it.
json trial_with_few_samples() {
  json trial = good_trial();
  trial["workloads"][0]["latency"]["response"] = {
      {"count", 500},
      {"max_ns", 174'000'000},
      {"percentiles", {{{"p", 50.0}, {"ns", 4'000'000}}, {{"p", 90.0}, {"ns", 9'000'000}}}}};
  return trial;
}

TEST_CASE("where a percentile has too few samples, what bounds it may decide") {
  const json trial = trial_with_few_samples();
  const auto verdict = [&](const std::string& that) {
    return judge_trial(trial, {expectation(that)}, {}).verdict;
  };
  CHECK(verdict("p99(produce.response) < 500ms") == Verdict::pass);
  CHECK(verdict("p99(produce.response) <= 174ms") == Verdict::pass);
  CHECK(verdict("p99(produce.response) > 200ms") == Verdict::fail);
  CHECK(verdict("p99(produce.response) < 5ms") == Verdict::fail);  // p90 is above it
  CHECK(verdict("p99(produce.response) > 5ms") == Verdict::pass);
  CHECK(verdict("p99(produce.response) < 100ms") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) == 20ms") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) != 20ms") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) != 1s") == Verdict::pass);
}

TEST_CASE("too few samples, a late generator and something undelivered have a text each") {
  json trial = trial_with_few_samples();
  const auto reason = [&](const std::string& that) {
    const auto judged = judge_trial(trial, {expectation(that)}, {});
    return judged.reasons.empty() ? "" : judged.reasons.front();
  };
  CHECK(reason("p99(produce.response) < 100ms") ==
        "cannot tell 'p99(produce.response) < 100ms', observed 9 ms to 174 ms: p99 needs 1,000 "
        "samples, and there are 500");
  trial["workloads"].push_back(
      {{"name", "read"},
       {"totals", {{"consumed", 90}, {"undelivered", 12}}},
       {"latency",
        {{"end_to_end",
          {{"count", 90}, {"max_ns", 70}, {"percentiles", {{{"p", 50.0}, {"ns", 7}}}}}}}}});
  CHECK(reason("p50(read.end_to_end) < 1s") ==
        "cannot tell 'p50(read.end_to_end) < 1s', observed at least 7 ns: 12 messages of the log "
        "were never handed to 'read'");
  trial["workloads"][0]["generator_limited"] = "lateness p99 is 20 ms";
  CHECK(reason("p99(produce.response) < 100ms") ==
        "cannot tell 'p99(produce.response) < 100ms', observed nothing: the generator of "
        "'produce' was late: lateness p99 is 20 ms");
  trial["workloads"][0].erase("generator_limited");
  trial["workloads"][0]["latency"]["response"] = {{"count", 0}, {"max_ns", 0}};
  CHECK(reason("max(produce.response) < 100ms") ==
        "cannot tell 'max(produce.response) < 100ms', observed nothing: no message of measure has "
        "a latency");
}

TEST_CASE("what was never answered is later than it looks") {
  json trial = good_trial();
  json& response = trial["workloads"][0]["latency"]["response"];
  response = {{"count", 2000},
              {"censored", 10},
              {"max_ns", 90'000'000},
              {"mean_ns", 5'000'000},
              {"percentiles",
               {{{"p", 50.0}, {"ns", 4'000'000}, {"most_ns", 5'000'000}},
                {{"p", 99.0}, {"ns", 20'000'000}, {"most_ns", 40'000'000}},
                {{"p", 99.9}, {"ns", 80'000'000}}}}};
  const auto verdict = [&](const std::string& that) {
    return judge_trial(trial, {expectation(that)}, {}).verdict;
  };
  CHECK(verdict("p99(produce.response) < 50ms") == Verdict::pass);
  CHECK(verdict("p99(produce.response) < 30ms") == Verdict::unknown);
  CHECK(verdict("p99(produce.response) < 10ms") == Verdict::fail);
  CHECK(verdict("p99.9(produce.response) < 1s") == Verdict::unknown);
  CHECK(verdict("max(produce.response) < 1s") == Verdict::unknown);
  CHECK(verdict("max(produce.response) < 50ms") == Verdict::fail);
  CHECK(judge_trial(trial, {expectation("mean(produce.response) < 1s")}, {}).reasons.at(0) ==
        "cannot tell 'mean(produce.response) < 1s', observed at least 5 ms: 10 of 2,000 messages "
        "got no ack, and count with their age");
}

TEST_CASE("a percentile is recorded with what it could be if the unanswered were the last") {
  measure::Histogram histogram = measure::Histogram::latency();
  for (std::int64_t ms = 1; ms <= 2000; ++ms) histogram.record(ms * 1'000'000);
  const auto at = [&](std::uint64_t censored, std::size_t index) {
    return record::latency_stats(histogram, censored, false)["percentiles"][index];
  };
  CHECK_FALSE(at(0, 2).contains("most_ns"));
  const json p99 = at(10, 2);
  CHECK(p99["p"] == 99.0);
  CHECK(p99["most_ns"] == histogram.value_at(99.5));
  CHECK_FALSE(at(20, 2).contains("most_ns"));  // it may be one of them
  CHECK(at(20, 1).contains("most_ns"));
}

TEST_CASE("the record says of an expectation why its metric is not known") {
  const json run = judge_run(
      {{"trials", {trial_with_few_samples()}}},
      {expectation("p99(produce.response) < 100ms"), expectation("acked_lost > 0")}, false);
  CHECK(run["expectations"][0]["observed"] == "9 ms to 174 ms");
  CHECK(run["expectations"][0]["why"] == "p99 needs 1,000 samples, and there are 500");
  CHECK_FALSE(run["expectations"][1].contains("why"));
}

TEST_CASE("the run takes the worst trial, and more than a quarter invalid makes it invalid") {
  const auto run = [](const std::vector<std::string>& verdicts) {
    json record{{"trials", json::array()}};
    for (const auto& verdict : verdicts) {
      json trial = good_trial();
      trial["index"] = record["trials"].size();
      trial["verdict"] = verdict;
      record["trials"].push_back(trial);
    }
    return judge_run(record, {}, false)["verdict"]["overall"].get<std::string>();
  };
  CHECK(run({"pass", "pass"}) == "pass");
  CHECK(run({"pass", "fail", "unknown"}) == "fail");
  CHECK(run({"pass", "unknown"}) == "unknown");
  CHECK(run({"pass", "pass", "pass", "invalid"}) == "pass");
  CHECK(run({"pass", "pass", "invalid"}) == "invalid");
  CHECK(run({}) == "unknown");
}

TEST_CASE("an interrupted run is unknown and exits with 2") {
  const json judged = judge_run({{"trials", {good_trial()}}}, {}, true);
  CHECK(judged["verdict"]["overall"] == "unknown");
  CHECK(judged["verdict"]["exit_code"] == 2);
  CHECK(judged["variants"][0]["acked_lost"] == 190);
}

TEST_CASE("of a share group nothing is said about order and offsets") {
  json trial = good_trial();
  trial["findings"] = json::array();
  trial["workloads"].push_back(
      {{"name", "work"},
       {"kind", "share"},
       {"group", {{"share", true}, {"members", json::array()}}},
       {"totals", {{"consumed", 12}, {"redelivered", 3}, {"members_served", 4}}}});
  CHECK(value("work.members_served == 4", trial) == 4);
  CHECK(value("work.redelivered > 0", trial) == 3);
  CHECK(value("work.unseen == 0", trial) == 0);
  for (const char* that : {"work.group_skipped == 0", "group_skipped == 0", "poll_skip == 0",
                           "nonmonotonic_poll == 0", "committed_beyond_delivered == 0"}) {
    INFO(that);
    CHECK_FALSE(value(that, trial));
    CHECK(judge_trial(trial, {expectation(that)}, {}).verdict == Verdict::unknown);
  }
  CHECK_FALSE(value("unowned < 1s", trial));
  // Beside another group, it is that one's.
  trial["workloads"].push_back(
      {{"name", "read"}, {"group", {{"longest_unowned_ns", 7}}}, {"totals", {{"consumed", 12}}}});
  CHECK(value("group_skipped == 0", trial) == 0);
  CHECK(value("unowned < 1s", trial) == 7);
}

TEST_CASE("verdicts have exit codes") {
  CHECK(exit_code(Verdict::pass) == 0);
  CHECK(exit_code(Verdict::fail) == 1);
  CHECK(exit_code(Verdict::invalid) == 2);
  CHECK(exit_code(Verdict::unknown) == 2);
}

TEST_CASE("the explanation multiplies the rate with the pause that was measured") {
  const auto sentences = explain_outcome(View(good_trial()));
  REQUIRE(sentences.size() >= 2);
  INFO(sentences[0]);
  CHECK(sentences[0].find("1,000/s x 400 ms x 1/2 = about 200 messages") != std::string::npos);
  CHECK(sentences[0].find("190 acked messages are missing") != std::string::npos);
  CHECK(sentences[1].find("a few dozen messages or none") != std::string::npos);
}

// Nodes 1 and 2 lose power.
json dark_trial(const std::vector<int>& isr, int lost) {
  json trial = good_trial();
  trial["faults"] = json::parse(R"([{"index": 0, "action": "power_loss", "effect": "unpowered",
      "status": "effective", "evidence": {"nodes": [{"node": 1}, {"node": 2}],
      "counted": [
        {"node": 1, "kind": "bytes lost that the disk had not flushed", "value": 1048576},
        {"node": 1, "kind": "bytes lost that the page cache had", "value": 2097152},
        {"node": 2, "kind": "bytes lost that the page cache had", "value": 1048576}],
      "partitions": [{"partition": 0, "leader_before": 1}]}}])");
  trial["faults"][0]["evidence"]["partitions"][0]["isr_before"] = isr;
  trial["audit"]["totals"]["acked_lost"] = lost;
  return trial;
}

TEST_CASE("a power cut is explained by what disks had not, and by who kept power") {
  const auto told = [](const std::vector<int>& isr, int lost) {
    return explain_outcome(View(dark_trial(isr, lost))).at(0);
  };
  const std::string all = told({1, 2}, 30'000);
  INFO(all);
  CHECK(all.find("Nodes 1 and 2 lost power at once") == 0);
  CHECK(all.find("3 MiB that only the page cache had and 1 MiB that disks had not flushed") !=
        std::string::npos);
  CHECK(all.find("30,000 acked messages are missing") != std::string::npos);
  CHECK(all.find("not that their disks do") != std::string::npos);
  CHECK(told({1, 2}, 0).find("flushed, or others had it that kept their power") !=
        std::string::npos);
  CHECK(told({1, 2, 3}, 0).find("another replica in sync kept its power, and no acked message") !=
        std::string::npos);
  CHECK(told({1, 2, 3}, 7).find("and 7 acked messages are missing") != std::string::npos);
}

TEST_CASE("no explanation without evidence") {
  json trial = good_trial();
  trial["audit"]["status"] = "incomplete";
  CHECK(explain_outcome(View(trial)).empty());
  CHECK(explain_outcome(View(json::object())).empty());
}

}  // namespace
}  // namespace seatrial::judge
