// What a load must keep to: the targets of `--slo`, in the syntax of expectations, checked before
// anything starts. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "scenario/expectation.hpp"
#include "scenario/plan.hpp"

namespace seatrial::capacity {

// In the order given, with `acked_lost == 0` at the end unless it is among them, or the load is
// never acked. The error says
// what is wrong with one: no metric of the trial's workloads, undecidable, or not one that a low
// load meets and a high one misses.
[[nodiscard]] Result<std::vector<scenario::Expectation>> targets_of(
    const std::vector<std::string>& slo, const scenario::TrialPlan& trial);

}  // namespace seatrial::capacity
