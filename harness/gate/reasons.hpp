// The sentences of a gate's decision, for one who reads the log of a build and nothing else: what
// was found, in per cent and with its interval; against which limit; and what to do next where
// nothing was. Pure.
#pragma once

#include <string>
#include <vector>

#include "gate/decide.hpp"

namespace seatrial::gate {

// A look that was held. `alpha` is its level.
struct Look {
  int number = 0;
  int pairs = 0;
  bool last = false;
  double alpha = 0;
};

// Of one metric.
[[nodiscard]] std::string failed_reason(const MetricDecision& metric, const Look& look);
[[nodiscard]] std::string passed_reason(const MetricDecision& metric);
[[nodiscard]] std::string undecided_reason(const MetricDecision& metric);
[[nodiscard]] std::string exact_reason(const MetricDecision& metric);
[[nodiscard]] std::string slot_reason(const MetricDecision& metric);
[[nodiscard]] std::string order_reason(int candidate_first, int pairs);
[[nodiscard]] std::string missing_reason(int measured, int pairs);
[[nodiscard]] std::string unjudged_reason(const MetricDecision& metric);

// Of the gate.
[[nodiscard]] std::string go_on_reason(const Rules& rules, int valid);
[[nodiscard]] std::string void_reason(const Rules& rules, int pairs_run, int pairs_void);
[[nodiscard]] std::string gate_reason(Outcome outcome, const std::vector<MetricDecision>& metrics,
                                      int pairs);
[[nodiscard]] std::string futile_reason(const Rules& rules, int pairs, double chance);

}  // namespace seatrial::gate
