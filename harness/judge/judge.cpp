// Findings, expectations, verdict.
#include "judge/judge.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "core/counted.hpp"
#include "judge/liveness.hpp"
#include "judge/load_check.hpp"
#include "judge/metrics.hpp"
#include "judge/variants.hpp"
#include "scenario/comparison.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::judge {
namespace {

using scenario::Expectation;
using scenario::ExpectationOutcome;

scenario::TrialMetrics metrics_of(const View& trial) {
  std::map<std::string, std::string> axes;
  for (const auto& [axis, value] : trial["axes"].entries()) axes[axis] = value.text();
  return {.trial = static_cast<int>(trial["index"].count()),
          .axes = std::move(axes),
          .excluded = trial["verdict"].is("invalid"),
          .value = [trial](const Expectation& e) { return measured(e, trial); }};
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

// Whether a control of this trial holds that demands such a finding. What is demanded is what the
// trial puts to the test: that a promise is broken there is the answer, and no failure.
bool demanded(const std::string& anomaly, const View& trial,
              const std::vector<Expectation>& expectations) {
  const auto metrics = metrics_of(trial);
  const std::string metric = scenario::metric_of_checker(anomaly);
  return std::ranges::any_of(expectations, [&](const Expectation& e) {
    if (!e.control || e.over != scenario::Over::each || e.metric != metric) return false;
    const bool none_will_do = holds(e.comparison, 0, e.value);
    return !none_will_do && scenario::covers(e, metrics.axes) &&
           scenario::evaluate(e, {&metrics, 1}).outcome == ExpectationOutcome::held;
  });
}

void judge_findings(const View& trial, const std::vector<Expectation>& expectations,
                    Judgement& judgement) {
  std::map<std::string, std::pair<std::uint64_t, std::string>> violations;
  for (const View& finding : trial["findings"].items()) {
    const std::string name = finding["anomaly"].text();
    // Of workloads with different promises, and not told apart: any of them may be a violation.
    const bool unclear = finding["allowance"].is("neutral") && finding["workload"].text().empty() &&
                         (name == "duplicate" || name == "reordered");
    if (unclear) judgement.add(Verdict::unknown, "cannot tell whose: " + name);
    if (!finding["allowance"].is("violation")) continue;
    auto& [count, why] = violations[name];
    count += finding["count"].count();
    why = finding["why"].text();
  }
  for (const auto& [anomaly, found] : violations) {
    if (demanded(anomaly, trial, expectations)) continue;
    judgement.add(Verdict::fail, std::to_string(found.first) + " " + anomaly + ": " + found.second);
  }
}

void judge_broker_logs(const View& trial, Judgement& judgement) {
  for (const View& finding : trial["broker_logs"].items()) {
    if (!finding["allowance"].is("violation")) continue;
    judgement.add(Verdict::fail, finding["file"].text() + ":" +
                                     std::to_string(finding["line"].count()) + ": " +
                                     finding["kind"].text() + ": " + finding["why"].text());
  }
}

// Of this trial's expectations or, before them, its controls. False: one of them did not hold.
bool judge_each(const View& trial, const std::vector<Expectation>& expectations, bool controls,
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

// Trials without the invalid ones; more than a quarter of those makes the run invalid, and so does
// a variant that has no other: nothing is known of it, and its expectations were never judged.
void judge_trials(const std::vector<View>& trials, Judgement& judgement) {
  std::size_t invalid = 0;
  std::map<std::string, std::size_t> valid;  // by variant
  for (const View& trial : trials) {
    const Verdict verdict = verdict_of(trial);
    const std::string name = "trial " + std::to_string(trial["index"].count() + 1) + " (" +
                             trial["variant"].text() + ")";
    valid[trial["variant"].text()] += verdict == Verdict::invalid ? 0U : 1U;
    if (verdict == Verdict::invalid) ++invalid;
    if (verdict != Verdict::pass) {
      for (const View& reason : trial["reasons"].items())
        judgement.reasons.push_back(name + ": " + reason.text());
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
std::size_t count_unasked(const std::vector<View>& trials,
                          const std::vector<Expectation>& expectations) {
  return static_cast<std::size_t>(std::ranges::count_if(expectations, [&](const Expectation& e) {
    return std::ranges::none_of(
        trials, [&](const View& trial) { return scenario::covers(e, metrics_of(trial).axes); });
  }));
}

// Where all is well, what was broken is what controls demanded.
std::string what_was_broken(const std::vector<View>& trials) {
  const bool broken = std::ranges::any_of(trials, [](const View& trial) {
    return std::ranges::any_of(trial["findings"].items(), [](const View& finding) {
      return finding["allowance"].is("violation");
    });
  });
  return broken ? "no promise was broken but those that controls demand to see broken"
                : "no setting's promise was broken";
}

std::string why_passed(const std::vector<View>& trials, std::size_t expected, std::size_t unasked) {
  const std::string broken = what_was_broken(trials);
  if (expected == 0) return broken + "; the scenario expects nothing more";
  if (unasked == 0) return "every expectation held and " + broken;
  return broken + ", and " + std::to_string(expected - unasked) + " of " +
         counted(expected, "expectation") + " held; the others are of variants that did not run";
}

}  // namespace

void Judgement::add(Verdict what, std::string why) {
  verdict = worst(verdict, what);
  reasons.push_back(std::move(why));
}

Judgement judge_trial(const View& trial, const std::vector<Expectation>& expectations,
                      const std::vector<std::string>& problems) {
  Judgement judgement;
  if (trial["status"].is("error")) {
    judgement.add(Verdict::unknown, trial["error"].text("the trial ended with an error"));
    return judgement;
  }
  judge_findings(trial, expectations, judgement);
  judge_broker_logs(trial, judgement);
  bool tested = problems.empty();
  for (auto& doubt : doubts_of_load(trial)) {
    tested = tested && doubt.verdict != Verdict::invalid;
    judgement.add(doubt.verdict, std::move(doubt.why));
  }
  for (const auto& problem : problems) judgement.add(Verdict::invalid, problem);
  if (!trial["audit"]["status"].is("complete")) {
    judgement.add(Verdict::unknown,
                  "the audit is incomplete: " + trial["audit"]["reason"].text("it did not run"));
  } else {
    for (const View& reason : trial["audit"]["undecided"].items())
      judgement.add(Verdict::unknown, reason.text());
  }
  // Where there was another load, a fault did nothing or a control did not bite, the hypothesis was
  // not put to the test: its expectations say nothing.
  if (tested) {
    auto missed = missed_liveness(trial);
    for (auto& one : missed.certain) judgement.add(Verdict::fail, std::move(one));
    for (auto& one : missed.doubtful) judgement.add(Verdict::unknown, std::move(one));
  }
  if (tested && judge_each(trial, expectations, true, judgement))
    judge_each(trial, expectations, false, judgement);
  return judgement;
}

RunJudgement judge_run(const View& record, const std::vector<Expectation>& expectations,
                       const std::vector<MetricQuestion>& show, bool interrupted) {
  const std::vector<View> trials = record["trials"].items();
  Judgement judgement;
  judge_trials(trials, judgement);
  std::vector<scenario::TrialMetrics> metrics;
  for (const View& trial : trials) metrics.push_back(metrics_of(trial));
  std::vector<scenario::Evaluated> over_run;
  for (const Expectation& expectation : expectations)
    over_run.push_back(scenario::evaluate(expectation, metrics));
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
    judgement.reasons = {why_passed(trials, expectations.size(), unasked)};
  return {.judgement = std::move(judgement),
          .variants = sum_variants(trials, asked(expectations, show)),
          .expectations = std::move(over_run)};
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
