// What a topic's deletion explains.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/checker.hpp"

namespace seatrial::checkers {

// A fault that deleted topics took what they held with it, and offsets, positions and what brokers
// remembered of producers began anew: of findings on these topics, those that follow from that are
// expected then, and say why. Damage, phantoms and what was never to be seen are not excused.
void explain_deletions(const std::set<std::string>& deleted, std::vector<Finding>& findings);

}  // namespace seatrial::checkers
