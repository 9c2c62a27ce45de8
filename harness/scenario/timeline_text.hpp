// Timelines as a scenario writes them: what was drawn, as concrete entries that replay it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/plan.hpp"

namespace seatrial::scenario {

// `timeline:` and an entry a line; times exact to the nanosecond.
std::string timeline_to_yaml(const std::vector<FaultPlan>& timeline);

// The scenario's text for one variant, with this timeline in place of its own and its `chaos:`:
// without `repeat`, `expect`, `show` and `gate`, and with an axis' one value in `matrix`.
std::string with_timeline(const std::string& text, const std::map<std::string, std::string>& axes,
                          const std::vector<FaultPlan>& timeline);

}  // namespace seatrial::scenario
