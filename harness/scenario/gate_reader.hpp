// `gate:` as two ways to run the scenario, and the metrics that are compared.
#pragma once

#include <optional>

#include "scenario/document.hpp"
#include "scenario/expect_reader.hpp"
#include "scenario/plan.hpp"

namespace seatrial::scenario {

// Nothing if the scenario has none. The settings of either side are taken as they are `written`:
// whoever loads the scenario with them checks them as those of --set, and there what comes from the
// environment is known for a secret.
std::optional<GatePlan> read_gate(const Node& gate, const Node& written, const Roles& roles,
                                  Problems& problems);

}  // namespace seatrial::scenario
