// Any runs side by side: what they were set to, and what they measured. It has no verdict: runs at
// other times, of other scenarios or on other machines differ for reasons that nobody controlled;
// what is controlled is a gate's business.
//
// Shape of the document, of which reports are made:
//
//   runs      [{folder, id, scenario, started_at, verdict, program, labels {}}]
//   settings  [{name, values [of each run; null where it has none], differs}]
//   rows      [{variant, metric, unit (ns, /s, share or empty), more_is_better,
//               of [{trials, median, least, most} of each run; null where nothing is known],
//               change [{value, low, high, confidence} of each run but the first: ln(run/first)]}]
//
// An interval needs repeats on both sides: without, only the value of a change is there.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::compare {

struct Named {
  std::string folder;
  View record;
};

// Two runs or more; the first is what the others are compared with.
[[nodiscard]] nlohmann::json compare(const std::vector<Named>& runs);

}  // namespace seatrial::compare
