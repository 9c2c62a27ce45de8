// What a gate compares of its halves: which metrics, which of them decide, and how much worse is
// too much. A scenario's `gate: metrics` says; what it leaves open is by the metric, and without it
// by what the workloads do.
#pragma once

#include <string>
#include <vector>

#include "gate/rules.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

struct Gated {
  MetricQuestion question;
  std::string text;  // p99(produce.response)
  bool gates = true;
  Threshold threshold;
  // Of latencies a share of little is nothing: delta is at least this much of the baseline's
  // median. In the metric's unit; 0: none.
  double floor = 0;
  bool more_is_better = false;
  bool exact = false;  // a count that no noise touches
};

// At most three that gate by default: with more, Holm's correction leaves a first look of ten pairs
// no power.
[[nodiscard]] std::vector<Gated> gated_metrics(const scenario::GatePlan& gate,
                                               const scenario::TrialPlan& trial);

// In which a record has the metric's values: ns, /s, share; empty for plain numbers.
[[nodiscard]] const char* unit_of(const MetricQuestion& question);

// ln(candidate/baseline), turned so that positive is worse. What is not there on one side only
// counts as tenfold, the most that counts.
[[nodiscard]] double effect(double baseline, double candidate, bool more_is_better);

}  // namespace seatrial::gate
