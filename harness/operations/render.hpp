// A judgement as text for people and as JSON for programs. The JSON is exactly
//
//   {"valid": true | false | "unknown", "anomalies": {NAME: [{...}, ...]}}
//
// where each finding has "weight" and, where they apply, "history" (if there are several), "key",
// "values" and their "offsets" (null: not known), "skipped" with the first "skipped_values",
// "lag_ns", and "operations" that prove it, in the order of the definition.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "operations/judge.hpp"

namespace seatrial::operations {

// One finding. `several`: the history's name is told.
[[nodiscard]] std::string finding_json(const History& history, const Finding& finding,
                                       bool several);
[[nodiscard]] std::string judgement_json(
    Validity validity, const std::map<std::string, std::vector<std::string>>& findings);
[[nodiscard]] std::string judgement_text(const History& history, const Judgement& judgement);

}  // namespace seatrial::operations
