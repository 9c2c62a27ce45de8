// What the audit and the checkers found, and what the settings promised, in the shape of the record
// (record.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/checker.hpp"
#include "core/history.hpp"

namespace seatrial::record {

nlohmann::json to_json(const Contract& contract);
nlohmann::json to_json(const Finding& finding);

// The audit's totals by anomaly, and its table by partition, both derived from the findings.
nlohmann::json audit_totals(const std::vector<Finding>& findings);
nlohmann::json audit_partitions(const History& history, const std::vector<Finding>& findings);

}  // namespace seatrial::record
