// A gate before it runs: its pairs, how long they take, and which effect they can detect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "gate/course.hpp"
#include "scenario/plan.hpp"

namespace seatrial::gate {

// Of one pair, by the plan's own estimate.
[[nodiscard]] nanoseconds pair_duration(const scenario::Plan& pairs);

[[nodiscard]] std::string plan_to_text(const Setting& setting, const scenario::Plan& pairs);

// What the settings of this gate cannot show where it would run, each a sentence.
[[nodiscard]] std::vector<std::string> warnings_of(const Setting& setting,
                                                   const scenario::Plan& pairs);

}  // namespace seatrial::gate
