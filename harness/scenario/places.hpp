// Where a part of a plan was written: for what turns out to be wrong with it only once it runs.
#pragma once

#include <string>
#include <vector>

#include "scenario/plan.hpp"

namespace seatrial::scenario {

// file:line:column of what `keys` lead to in the plan's text, as {"topics", "orders", "config",
// "retention.ms"}, or of the last key on the way that stands there; `--set path=value` if that put
// it in.
[[nodiscard]] std::string written_at(const Plan& plan, const std::vector<std::string>& keys);

}  // namespace seatrial::scenario
