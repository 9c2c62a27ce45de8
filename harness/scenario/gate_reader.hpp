// `gate:` as two ways to run the scenario, and the metrics that are compared.
#pragma once

#include <optional>

#include "scenario/document.hpp"
#include "scenario/expect_reader.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

// Nothing if the scenario has none. The settings of either side are checked by whoever loads the
// scenario with them, as those of --set are.
std::optional<GatePlan> read_gate(const Node& gate, const Roles& roles, Problems& problems);

}  // namespace seatrial::scenario
