// What became of a workload's messages, in numbers.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "run/outcome.hpp"

namespace seatrial::run {

// The record's `totals` of a workload, with its `commit_refusals` and `group`. Asserts for every
// producer that intended = sent + acked + failed + unknown + unsent.
void describe_totals(const TrialOutcome& outcome, const WorkloadRun& run, nlohmann::json& out);

}  // namespace seatrial::run
