// Which expectations no trial of the plan can ever decide, or would bear out by silence: told
// before anything runs, with what they would need.
#pragma once

#include <optional>
#include <string>

#include "scenario/diagnostics.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

// Of one expectation and one trial: "can never hold: it is never below 0"; nothing if the trial can
// decide it.
[[nodiscard]] std::optional<std::string> undecidable(const Expectation& expectation,
                                                     const TrialPlan& trial);

void warn_of_undecidable(const Plan& plan, Problems& warnings);

// And of variants that put nothing to the test, whatever they expect. `workloads`: where these are.
void warn_of_nothing_tested(const Plan& plan, Place workloads, Problems& warnings);

}  // namespace seatrial::scenario
