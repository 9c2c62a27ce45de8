// A trial's results in the shape of the record (record.md), derived from the lanes, the history and
// what the watch saw. Called once, after everything has ended.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/cluster.hpp"
#include "run/outcome.hpp"

namespace seatrial::run {

// workloads, availability, faults, audit, contract, findings. Asserts for every producer that
// intended = sent + acked + failed + unknown + unsent.
nlohmann::json describe_outcome(const TrialOutcome& outcome);

nlohmann::json describe_topics(const scenario::TrialPlan& plan);
nlohmann::json describe_nodes(Cluster& cluster);
}  // namespace seatrial::run
