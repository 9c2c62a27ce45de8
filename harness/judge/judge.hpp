// From history to verdict, in three steps: findings (what happened), contract (what the settings in
// force allow), expectations (what the scenario's author said would happen).
#pragma once

#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/view.hpp"
#include "judge/variants.hpp"
#include "scenario/expectation.hpp"
#include "scenario/plan.hpp"

namespace seatrial::judge {

struct Judgement {
  Verdict verdict = Verdict::pass;
  std::vector<std::string> reasons;
  void add(Verdict what, std::string why);
};

// A trial, from its part of the record (findings, faults, audit, generator, loads). Expectations
// are judged for this trial alone when they cover it. INVALID, and not judged by them, where
// nothing was put to the test: the timeline has `problems`, the load did not happen, a control did
// not hold. A violation fails it, unless a control that holds demands that anomaly.
Judgement judge_trial(const View& trial, const std::vector<scenario::Expectation>& expectations,
                      const std::vector<std::string>& problems);

struct RunJudgement {
  Judgement judgement;
  Variants variants;
  std::vector<scenario::Evaluated> expectations;  // over the run, in the scenario's order
};
RunJudgement judge_run(const View& record, const std::vector<scenario::Expectation>& expectations,
                       const std::vector<MetricQuestion>& show, bool interrupted);

int exit_code(Verdict verdict);

}  // namespace seatrial::judge
