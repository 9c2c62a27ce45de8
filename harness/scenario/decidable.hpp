// Which expectations no trial of the plan can ever decide, or would bear out by silence: told
// before anything runs, with what they would need.
#pragma once

#include "scenario/diagnostics.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

void warn_of_undecidable(const Plan& plan, Problems& warnings);

// And of variants that put nothing to the test, whatever they expect. `workloads`: where these are.
void warn_of_nothing_tested(const Plan& plan, Place workloads, Problems& warnings);

}  // namespace seatrial::scenario
