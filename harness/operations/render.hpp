// A judgement as text for people and as JSON for programs. The JSON is
//
//   {"valid": true | false | "unknown", "anomalies": {NAME: [{...}, ...]},
//    "not_listed": {NAME: 17, ...}, "reasons": [{"reason": "why it is unknown"}, ...],
//    "skipped": [{"f": "kill", "process": "nemesis", "lines": 3, "first_line": 7}, ...],
//    "unreadable": [{"history": PATH, "error": "..."}, ...]}
//
// without what would be empty, but for "anomalies". "not_listed" counts findings beyond the limit.
// Each finding has "weight" and, where they
// apply, "history" (if there are several), "key", "values" and their "offsets" (null: not known),
// "skipped" with the first "skipped_values", "lag_ns", and "operations" that prove it, in the order
// of the definition; "more_values" and "more_operations" say how many are not listed. In an array,
// a line is an element.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "operations/judge.hpp"

namespace seatrial::operations {

// One finding. `several`: the history's name is told.
[[nodiscard]] std::string finding_json(const History& history, const Finding& finding,
                                       bool several);
[[nodiscard]] std::string skipped_json(const History& history, const Skipped& skipped,
                                       bool several);
[[nodiscard]] std::string reason_json(const History& history, const std::string& reason,
                                      bool several);
[[nodiscard]] std::string unreadable_json(const std::string& path, const std::string& message);
struct JsonParts {
  Validity validity = Validity::unknown;
  std::map<std::string, std::vector<std::string>> findings;
  std::map<std::string, std::size_t> not_listed;
  std::vector<std::string> reasons, skipped, unreadable;
};
[[nodiscard]] std::string judgement_json(const JsonParts& parts);
[[nodiscard]] std::string judgement_text(const History& history, const Judgement& judgement);

}  // namespace seatrial::operations
