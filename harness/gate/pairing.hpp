// Two ways to run a scenario as one plan of pairs: trial 2k and 2k + 1 are pair k, one of them the
// baseline and the other the candidate, with the same seed and hence the same draws and messages.
// Which comes first is drawn from the plan's seed, in blocks of two pairs that have one of each
// order, so that what grows or wears off over a gate hits both alike.
//
// Pure. Same plans, same pairs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/plan.hpp"

namespace seatrial::gate {

inline constexpr std::string_view baseline_name = "baseline";
inline constexpr std::string_view candidate_name = "candidate";

// Why these cannot be compared, with what to do about it; nothing if they can. Both have at least
// as many trials as there are to be pairs, which differ in their seeds alone.
[[nodiscard]] std::optional<std::string> not_comparable(const scenario::Plan& baseline,
                                                        const scenario::Plan& candidate);

[[nodiscard]] bool candidate_first(std::uint64_t seed, int pair);

// Everything but the trials is the baseline's. With several candidates, pairs take them in turn.
[[nodiscard]] scenario::Plan paired(const scenario::Plan& baseline,
                                    const std::vector<const scenario::Plan*>& candidates);

}  // namespace seatrial::gate
