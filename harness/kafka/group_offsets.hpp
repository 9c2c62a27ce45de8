// Where a consumer group stands, as its coordinator has it.
#pragma once

#include <map>
#include <string>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace seatrial::kafka {

// Partition -> the group's committed offset, -1 where it has none. Offsets that a transaction is
// still committing are waited for. The error says what could not be told; all partitions or none.
[[nodiscard]] Result<std::map<std::int32_t, std::int64_t>> committed_offsets(
    const std::string& bootstrap, const std::string& group, const std::string& topic,
    int partitions, Instant deadline);

}  // namespace seatrial::kafka
