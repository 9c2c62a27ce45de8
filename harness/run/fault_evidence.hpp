// When each fault of a trial was felt, and what it did to processes and partitions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/time.hpp"
#include "run/outcome.hpp"

namespace seatrial::run {

// Spans from a fault's injection until it was healed, every partition was acked again and fully
// replicated, and every load had worked off its backlog.
struct FaultWindow {
  Instant from, to;
};
std::vector<FaultWindow> fault_windows(const TrialOutcome& outcome);

// The record's `faults`; `windows`: of fault_windows.
nlohmann::json describe_faults(const TrialOutcome& outcome,
                               const std::vector<FaultWindow>& windows);

}  // namespace seatrial::run
