// What a group need not have lost: messages that it passed over, and the log still held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/history.hpp"
#include "ledger/group.hpp"

namespace seatrial::workloads {

// Offsets that a group passed over although the log held them when it did: what lies at or above
// the log's start as a look saw it that was asked for after the jump. At least, since the start may
// have moved in between. Nothing where nobody looked at the ends of the topic's log during the
// trial, and where offsets need not hold messages: compaction and transactions leave gaps.
[[nodiscard]] std::optional<std::uint64_t> skipped_readable(
    const History& history, const std::string& topic, const std::vector<ledger::OffsetGap>& gaps);

}  // namespace seatrial::workloads
