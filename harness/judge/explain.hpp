// Sentences that explain a trial's outcome from its evidence: what was lost, and why about that
// much. They speak only of what the record holds; where the evidence is missing, they are not
// written.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace seatrial::judge {

std::vector<std::string> explain_outcome(const nlohmann::json& trial);

}  // namespace seatrial::judge
