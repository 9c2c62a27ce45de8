// Sentences that explain a trial's outcome from its evidence: what was lost, and why about that
// much. They speak only of what the record holds; where the evidence is missing, they are not
// written.
#pragma once

#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::judge {

std::vector<std::string> explain_outcome(const View& trial);

}  // namespace seatrial::judge
