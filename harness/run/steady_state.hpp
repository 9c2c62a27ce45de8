// Was the system in its steady state when the first fault struck? A fault on a cluster that cannot
// keep up with the offered rate to begin with (a starved machine, a cold start) tests something
// else than the hypothesis: such a trial is INVALID, and its expectations say nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace seatrial::run {

// Why not, in one sentence; nothing if it was, or if there is too little to tell: no fault, closed
// loops only, or less than a whole second of load before it. `trial` as in record.md.
[[nodiscard]] std::optional<std::string> unsteady_before_faults(const nlohmann::json& trial);

}  // namespace seatrial::run
