// Going on with a run that ended early, or that shall have more repeats: what was finished stays,
// the rest runs in the same folder, and one record holds all.
#pragma once

#include <filesystem>
#include <optional>

#include "record/run_record.hpp"
#include "scenario/plan.hpp"

namespace seatrial::record {

// Why the run with this record is not one that `plan` can go on with, and what to do; nothing if it
// is: the same scenario text, and the same trials as far as they ran.
[[nodiscard]] std::optional<std::string> not_resumable(const RunRecord& record,
                                                       const scenario::Plan& plan);

// Whether trial `index` needs no second run: it came to its verdict, or the cluster refused what
// the scenario asks, which is the same still.
[[nodiscard]] bool is_finished(const RunRecord& record, int index);

}  // namespace seatrial::record
