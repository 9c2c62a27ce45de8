// What the checkers of compacted topics share: each key's last acked state against the last one in
// the log. Pure functions of the history; no checker of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checkers/common.hpp"

namespace seatrial::checkers {

enum class KeyVerdict { fine, lost, resurrected };

// `doubt`: what was sent after the acked version and never answered; null: nothing.
[[nodiscard]] KeyVerdict judge_key(KeyState acked, KeyState found,
                                   const KeyedHistory::Doubt* doubt);

// One finding for each workload and partition with keys of that verdict.
[[nodiscard]] std::vector<Finding> gather_keys(const History& history, const std::string& anomaly,
                                               KeyVerdict verdict);

}  // namespace seatrial::checkers
