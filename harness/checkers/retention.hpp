// What the checkers of retention share: for how long the records of a log may and must be there, as
// far as looks at its two ends during the trial can bound it. Pure functions of the history; no
// checker of its own.
//
// At each look the log began at S and ended at E. An offset at or above an earlier look's E was
// appended after that look was asked for; one below a later look's E before that was answered. So
// the age of what lies just below S (deleted) is bounded from above, and the age of what lies at S
// (kept) from below. Nothing else about records that are gone can be known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checkers/common.hpp"

namespace seatrial::checkers {

// A look at which an offset was gone, or still there, and its age then.
struct AgeAt {
  std::int64_t offset = -1;
  nanoseconds age{0};
};
// The youngest that a deleted record can have been at most, over all looks; nothing if none was
// deleted or its append was before the first look.
[[nodiscard]] std::optional<AgeAt> youngest_deleted(const RetentionHistory& log);
// The oldest that a kept record was at least, over all looks.
[[nodiscard]] std::optional<AgeAt> oldest_kept(const RetentionHistory& log);

// Workloads with streams on that partition, for findings that concern all of them: one, or empty.
[[nodiscard]] std::string only_writer(const History& history, const TopicPartition& where);

}  // namespace seatrial::checkers
