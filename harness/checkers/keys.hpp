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

// A key of a lane: the index is that of KeyedHistory's tables.
struct KeyOf {
  const KeyedHistory& lane;
  std::size_t index = 0;
  const KeyedHistory::Doubt* doubt = nullptr;
};
// One finding for each workload and partition with keys that `picks` takes, of logs that were read
// from their first record to their end.
[[nodiscard]] std::vector<Finding> gather_keys(const History& history, const std::string& anomaly,
                                               const std::function<bool(const KeyOf&)>& picks);
// The same for keys of that verdict.
[[nodiscard]] std::vector<Finding> gather_keys(const History& history, const std::string& anomaly,
                                               KeyVerdict verdict);

}  // namespace seatrial::checkers
