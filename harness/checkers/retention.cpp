// Two pointers over the looks: both ends of a log only grow.
#include "checkers/retention.hpp"

#include <set>

namespace seatrial::checkers {

std::optional<AgeAt> youngest_deleted(const RetentionHistory& log) {
  std::optional<AgeAt> out;
  std::size_t before = 0;  // the last look whose end was at or below the deleted offset, plus one
  for (const LogExtent& look : log.extents) {
    const std::int64_t deleted = look.log_start - 1;
    if (deleted < log.extents.front().log_start) continue;  // gone before anybody looked
    while (before < log.extents.size() && log.extents[before].log_end <= deleted) ++before;
    if (before == 0) continue;
    const nanoseconds age = look.answered - log.extents[before - 1].asked;
    if (!out || age < out->age) out = AgeAt{deleted, age};
  }
  return out;
}

std::optional<AgeAt> oldest_kept(const RetentionHistory& log) {
  std::optional<AgeAt> out;
  std::size_t after = 0;  // the first look whose end was above the kept offset
  for (const LogExtent& look : log.extents) {
    if (look.log_start >= look.log_end) continue;  // it holds nothing
    while (after < log.extents.size() && log.extents[after].log_end <= look.log_start) ++after;
    if (after >= log.extents.size()) break;
    const nanoseconds age = look.asked - log.extents[after].answered;
    if (!out || age > out->age) out = AgeAt{look.log_start, age};
  }
  return out;
}

std::string only_writer(const History& history, const TopicPartition& where) {
  std::set<std::string> writers;
  for (const StreamHistory& stream : history.streams) {
    if (stream.where == where && stream.opened > 0) writers.insert(stream.workload);
  }
  return writers.size() == 1 ? *writers.begin() : "";
}

}  // namespace seatrial::checkers
