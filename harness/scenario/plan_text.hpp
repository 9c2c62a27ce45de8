// The plan for people and for programs. The same plan prints the same bytes in any working
// directory, locale and time zone: no path but the scenario's file name, no clock, no locale.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scenario/plan.hpp"

namespace seatrial::scenario {

std::string plan_to_text(const Plan& plan);
nlohmann::json plan_to_json(const Plan& plan);

// "kill leader(orders/0) at 8.4 s, healed after 8 s": one fault of a timeline, drawn nodes
// included.
std::string describe(const FaultPlan& fault);

}  // namespace seatrial::scenario
