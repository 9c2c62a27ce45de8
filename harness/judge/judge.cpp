// Findings, expectations, verdict.
#include "judge/judge.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "client/fact.hpp"
#include "core/counted.hpp"
#include "core/registry.hpp"
#include "judge/load_check.hpp"
#include "judge/metrics.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {
namespace {

using nlohmann::json;
using scenario::Expectation;
using scenario::ExpectationOutcome;

scenario::TrialMetrics metrics_of(const json& trial) {
  return {.trial = trial.value("index", 0),
          .axes = trial.value("axes", std::map<std::string, std::string>{}),
          .excluded = trial.value("verdict", "") == "invalid",
          .value = [&trial](const Expectation& e) { return measured(e, trial); }};
}

json to_json(const Expectation& expectation, const scenario::Evaluated& evaluated) {
  const bool missed = expectation.control && evaluated.outcome == ExpectationOutcome::failed;
  json out{{"that", expectation.text},
           {"where", expectation.where},
           {"over", scenario::to_string(expectation.over)},
           {"outcome", missed ? "missed" : scenario::to_string(evaluated.outcome)},
           {"observed", evaluated.observed},
           {"trials", evaluated.trials}};
  if (expectation.control) out["control"] = true;
  if (!evaluated.why.empty()) out["why"] = evaluated.why;
  return out;
}

// "'acked > 0' over any, observed nothing: the audit is incomplete"
std::string said(const Expectation& expectation, const scenario::Evaluated& evaluated) {
  const bool each = expectation.over == scenario::Over::each;
  return "'" + expectation.text + "'" + (each ? "" : " over " + to_string(expectation.over)) +
         ", observed " + evaluated.observed + (evaluated.why.empty() ? "" : ": " + evaluated.why);
}

void judge_expectation(const Expectation& expectation, const scenario::Evaluated& evaluated,
                       Judgement& judgement) {
  const std::string what = said(expectation, evaluated);
  const bool control = expectation.control;
  switch (evaluated.outcome) {
    case ExpectationOutcome::held: break;
    case ExpectationOutcome::failed:
      judgement.add(control ? Verdict::invalid : Verdict::fail,
                    (control ? "nothing was put to the test: the control " : "expected ") + what);
      break;
    case ExpectationOutcome::unknown:
      judgement.add(Verdict::unknown, (control ? "cannot tell whether anything was put to the "
                                                 "test: the control "
                                               : "cannot tell ") +
                                          what);
      break;
  }
}

Verdict parse_verdict(const std::string& text) {
  for (const Verdict v : {Verdict::pass, Verdict::invalid, Verdict::unknown, Verdict::fail}) {
    if (to_string(v) == text) return v;
  }
  return Verdict::unknown;
}

void judge_findings(const json& trial, Judgement& judgement) {
  std::map<std::string, std::pair<std::uint64_t, std::string>> violations;
  for (const auto& finding : trial.value("findings", json::array())) {
    const std::string name = finding.value("anomaly", "");
    // Of workloads with different promises, and not told apart: any of them may be a violation.
    const bool unclear = finding.value("allowance", "") == "neutral" &&
                         finding.value("workload", "").empty() &&
                         (name == "duplicate" || name == "reordered");
    if (unclear) judgement.add(Verdict::unknown, "cannot tell whose: " + name);
    if (finding.value("allowance", "") != "violation") continue;
    auto& [count, why] = violations[name];
    count += finding.value("count", std::uint64_t{0});
    why = finding.value("why", "");
  }
  for (const auto& [anomaly, found] : violations) {
    judgement.add(Verdict::fail, std::to_string(found.first) + " " + anomaly + ": " + found.second);
  }
}

void judge_broker_logs(const json& trial, Judgement& judgement) {
  for (const auto& finding : trial.value("broker_logs", json::array())) {
    if (finding.value("allowance", "") != "violation") continue;
    judgement.add(Verdict::fail, finding.value("file", "") + ":" +
                                     std::to_string(finding.value("line", 0)) + ": " +
                                     finding.value("kind", "") + ": " + finding.value("why", ""));
  }
}

// Of this trial's expectations or, before them, its controls. False: one of them did not hold.
bool judge_each(const json& trial, const std::vector<Expectation>& expectations, bool controls,
                Judgement& judgement) {
  const auto metrics = metrics_of(trial);
  bool good = true;
  for (const Expectation& expectation : expectations) {
    if (expectation.control != controls || expectation.over != scenario::Over::each) continue;
    if (!scenario::covers(expectation, metrics.axes)) continue;
    const auto evaluated = scenario::evaluate(expectation, {&metrics, 1});
    judge_expectation(expectation, evaluated, judgement);
    good = good && evaluated.outcome != ExpectationOutcome::failed;
  }
  return good;
}

// Zero seen is not zero. If a share p of such trials lost messages, n trials without loss had the
// probability (1 - p)^n; the p for which that is 5 % bounds the share from above. For large n it is
// about 3 / n (Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", 1983).
void state_bound(json& row, std::uint64_t audited, std::uint64_t with_loss) {
  row["audited_trials"] = audited;
  row["trials_with_loss"] = with_loss;
  if (audited == 0 || with_loss > 0) return;
  row["loss_bound"] = 1 - std::pow(0.05, 1 / static_cast<double>(audited));
}

// A trial without loss counts for something only if its loads happened, it acked messages, and its
// audit decided on all.
bool could_show_loss(const json& trial) {
  if (!doubts_of_load(trial).empty()) return false;
  if (!trial.value("/audit/undecided"_json_pointer, json::array()).empty()) return false;
  if (trial.contains("/audit/failed_checkers"_json_pointer)) return false;
  const auto workloads = trial.value("workloads", json::array());
  return std::ranges::any_of(workloads, [](const json& workload) {
    return workload.value("/totals/acked"_json_pointer, std::uint64_t{0}) > 0;
  });
}

struct Column {
  std::string key, header;
};

// Of all plug-ins that count something worth one, in the order of their names.
std::vector<Column> all_columns() {
  std::vector<Column> out;
  for (const auto& [name, plugin] : Registry<Checker>::instance().all()) {
    out.push_back({scenario::metric_of_checker(name), plugin.make(Options{})->column()});
  }
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    out.push_back({name, plugin.make(Options{})->column()});
  }
  std::erase_if(out, [](const Column& column) { return column.header.empty(); });
  return out;
}

json shown_columns(const json& rows) {
  json out = json::array();
  for (const Column& column : all_columns()) {
    const bool counted = std::ranges::any_of(
        rows, [&](const json& row) { return row.value(column.key, std::uint64_t{0}) > 0; });
    if (counted) out.push_back({{"key", column.key}, {"header", column.header}});
  }
  return out;
}

void add_facts(json& row, const json& totals) {
  for (const auto& [name, plugin] : Registry<Fact>::instance().all()) {
    if (!totals.contains(name) || plugin.make(Options{})->column().empty()) continue;
    row[name] = row.value(name, std::uint64_t{0}) + totals[name].get<std::uint64_t>();
  }
}

json variant_row(const std::string& variant, const json& trials) {
  json row{{"variant", variant}, {"trials", 0}, {"acked", 0},
           {"unknown", 0},       {"unsent", 0}, {"invalid_trials", 0}};
  Verdict verdict = Verdict::pass;
  std::uint64_t audited = 0, with_loss = 0;
  for (const auto& trial : trials) {
    if (trial.value("variant", "") != variant) continue;
    row["axes"] = trial.value("axes", json::object());
    row["trials"] = row["trials"].get<int>() + 1;
    const Verdict own = parse_verdict(trial.value("verdict", "unknown"));
    verdict = worst(verdict, own);
    if (own == Verdict::invalid) row["invalid_trials"] = row["invalid_trials"].get<int>() + 1;
    for (const auto& workload : trial.value("workloads", json::array())) {
      for (const auto& error : workload.value("errors", json::array())) {
        json& sum = row["errors"][error.value("error", "")];
        sum =
            (sum.is_null() ? 0 : sum.get<std::uint64_t>()) + error.value("count", std::uint64_t{0});
      }
      add_facts(row, workload.value("totals", json::object()));
      for (const char* key : {"acked", "unknown", "unsent"}) {
        const auto pointer = json::json_pointer(std::string("/totals/") + key);
        row[key] = row[key].get<std::uint64_t>() + workload.value(pointer, std::uint64_t{0});
      }
    }
    if (trial.value("/audit/status"_json_pointer, "") != "complete") continue;
    const json totals = trial.value("/audit/totals"_json_pointer, json::object());
    const bool lost = totals.value("acked_lost", std::uint64_t{0}) > 0;
    if (own != Verdict::invalid && (lost || could_show_loss(trial))) {
      ++audited;
      with_loss += lost ? 1U : 0U;
    }
    for (const auto& [anomaly, count] : totals.items()) {
      row[anomaly] = row.value(anomaly, std::uint64_t{0}) + count.get<std::uint64_t>();
    }
  }
  state_bound(row, audited, with_loss);
  row["verdict"] = to_string(verdict);
  return row;
}

json variant_rows(const json& trials) {
  std::vector<std::string> order;
  for (const auto& trial : trials) {
    const std::string variant = trial.value("variant", "");
    if (std::ranges::find(order, variant) == order.end()) order.push_back(variant);
  }
  json rows = json::array();
  for (const auto& variant : order) rows.push_back(variant_row(variant, trials));
  return rows;
}

// Trials without the invalid ones; more than a quarter of those makes the run invalid, and so does
// a variant that has no other: nothing is known of it, and its expectations were never judged.
void judge_trials(const json& trials, Judgement& judgement) {
  std::size_t invalid = 0;
  std::map<std::string, std::size_t> valid;  // by variant
  for (const auto& trial : trials) {
    const Verdict verdict = parse_verdict(trial.value("verdict", "unknown"));
    const std::string name = "trial " + std::to_string(trial.value("index", 0) + 1) + " (" +
                             trial.value("variant", "") + ")";
    valid[trial.value("variant", "")] += verdict == Verdict::invalid ? 0U : 1U;
    if (verdict == Verdict::invalid) ++invalid;
    if (verdict != Verdict::pass) {
      for (const auto& reason : trial.value("reasons", std::vector<std::string>{})) {
        judgement.reasons.push_back(name + ": " + reason);
      }
    }
    if (verdict != Verdict::invalid) judgement.verdict = worst(judgement.verdict, verdict);
  }
  if (invalid * 4 > trials.size()) {
    judgement.add(Verdict::invalid, std::to_string(invalid) + " of " +
                                        std::to_string(trials.size()) +
                                        " trials are invalid, more than a quarter");
  } else {
    for (const auto& [variant, count] : valid) {
      if (count == 0) judgement.add(Verdict::invalid, "no trial of " + variant + " is valid");
    }
  }
  if (trials.empty()) judgement.add(Verdict::unknown, "no trial ran");
}

// Of variants that did not run, nothing was asked: `--only` leaves them out.
std::size_t count_unasked(const json& trials, const std::vector<Expectation>& expectations) {
  return static_cast<std::size_t>(std::ranges::count_if(expectations, [&](const Expectation& e) {
    return std::ranges::none_of(
        trials, [&](const json& trial) { return scenario::covers(e, metrics_of(trial).axes); });
  }));
}

std::string why_passed(std::size_t expected, std::size_t unasked) {
  if (expected == 0) return "no setting's promise was broken; the scenario expects nothing more";
  if (unasked == 0) return "every expectation held and no setting's promise was broken";
  return "no setting's promise was broken, and " + std::to_string(expected - unasked) + " of " +
         counted(expected, "expectation") + " held; the others are of variants that did not run";
}

}  // namespace

void Judgement::add(Verdict what, std::string why) {
  verdict = worst(verdict, what);
  reasons.push_back(std::move(why));
}

Judgement judge_trial(const json& trial, const std::vector<Expectation>& expectations,
                      const std::vector<std::string>& problems) {
  Judgement judgement;
  if (trial.value("status", "") == "error") {
    judgement.add(Verdict::unknown, trial.value("error", "the trial ended with an error"));
    return judgement;
  }
  judge_findings(trial, judgement);
  judge_broker_logs(trial, judgement);
  bool tested = problems.empty();
  for (auto& doubt : doubts_of_load(trial)) {
    tested = tested && doubt.verdict != Verdict::invalid;
    judgement.add(doubt.verdict, std::move(doubt.why));
  }
  for (const auto& problem : problems) judgement.add(Verdict::invalid, problem);
  if (trial.value("/audit/status"_json_pointer, "") != "complete") {
    judgement.add(
        Verdict::unknown,
        "the audit is incomplete: " + trial.value("/audit/reason"_json_pointer, "it did not run"));
  } else {
    const std::vector<std::string> none;
    for (const auto& reason : trial.value("/audit/undecided"_json_pointer, none)) {
      judgement.add(Verdict::unknown, reason);
    }
  }
  // Where there was another load, a fault did nothing or a control did not bite, the hypothesis was
  // not put to the test: its expectations say nothing.
  if (tested && judge_each(trial, expectations, true, judgement))
    judge_each(trial, expectations, false, judgement);
  return judgement;
}

json judge_run(const json& record, const std::vector<Expectation>& expectations, bool interrupted) {
  const json trials = record.value("trials", json::array());
  Judgement judgement;
  judge_trials(trials, judgement);
  std::vector<scenario::TrialMetrics> metrics;
  for (const auto& trial : trials) metrics.push_back(metrics_of(trial));
  json judged = json::array();
  std::vector<scenario::Evaluated> over_run;
  for (const Expectation& expectation : expectations) {
    over_run.push_back(scenario::evaluate(expectation, metrics));
    judged.push_back(to_json(expectation, over_run.back()));
  }
  bool bit = true;
  for (const bool control : {true, false}) {
    for (std::size_t i = 0; i < expectations.size() && (control || bit); ++i) {
      const Expectation& e = expectations[i];
      // By those over each, the trials have been judged.
      if (e.control != control || e.over == scenario::Over::each) continue;
      judge_expectation(e, over_run[i], judgement);
      bit = bit && !(control && over_run[i].outcome == ExpectationOutcome::failed);
    }
  }
  if (interrupted) judgement.add(Verdict::unknown, "the run was interrupted");
  const std::size_t unasked = count_unasked(trials, expectations);
  if (!expectations.empty() && unasked == expectations.size() && !trials.empty()) {
    judgement.add(Verdict::unknown,
                  "every expectation is of variants that did not run: nothing was asked");
  }
  if (judgement.verdict == Verdict::pass)
    judgement.reasons = {why_passed(expectations.size(), unasked)};
  const json rows = variant_rows(trials);
  return {{"variants", rows},
          {"columns", shown_columns(rows)},
          {"expectations", std::move(judged)},
          {"verdict",
           {{"overall", to_string(judgement.verdict)},
            {"exit_code", exit_code(judgement.verdict)},
            {"reasons", judgement.reasons}}}};
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return 0;
    case Verdict::fail: return 1;
    case Verdict::invalid:
    case Verdict::unknown: break;
  }
  return 2;
}

}  // namespace seatrial::judge
