// Names on a cluster that others use too: all that a trial makes there carries its run's prefix.
#pragma once

#include <string>
#include <vector>

#include "scenario/plan.hpp"

namespace seatrial::run {

// The same trial with `prefix` before the names of its topics and groups, wherever workloads name
// them; a group that goes by its workload's name gets one of its own.
[[nodiscard]] scenario::TrialPlan with_prefix(scenario::TrialPlan trial, const std::string& prefix);

// Of a trial with a prefix, all that it will make, those of the canary and of the
// preflight included; of one without, nothing.
[[nodiscard]] std::vector<std::string> names_of_topics(const scenario::TrialPlan& trial);
[[nodiscard]] std::vector<std::string> names_of_groups(const scenario::TrialPlan& trial);

}  // namespace seatrial::run
