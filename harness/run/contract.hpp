// What the settings in force promise, asked of the live cluster.
#pragma once

#include <stop_token>

#include "core/cluster.hpp"
#include "core/history.hpp"
#include "run/lanes.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// From the live topics and the clients' effective properties, not from the scenario's words; only
// where a cluster answers no such questions (the mock) from the plan. Throws Interrupted on a stop.
Contract read_contract(const scenario::TrialPlan& plan, const Lanes& lanes, Cluster& cluster,
                       const std::stop_token& stop);

}  // namespace seatrial::run
