// deleted-too-late: logs that kept records long after their retention was over.
// Cost: linear in the looks at each partition.
#include <fmt/format.h>

#include <memory>

#include "checkers/retention.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::checkers {
namespace {

// For a check that is late because the machine is busy.
constexpr auto patience = seconds(5);

class DeletedTooLate final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A log that still held a record older than retention.ms + segment.ms + twice "
           "log.retention.check.interval.ms + 5 s: a segment is deleted as a whole, once its "
           "newest record is old enough, when a check comes by. The age is bounded by looks at "
           "both ends of the log during the trial. Counts partitions. Neutral: Kafka deletes "
           "when it comes to it, and promises no moment.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const RetentionHistory& log : history.retention) {
      const auto contract = history.contract.retention.find(log.where.topic);
      if (contract == history.contract.retention.end()) continue;
      const RetentionContract& kept = contract->second;
      const bool known = kept.retention_ms >= 0 && kept.segment_ms >= 0 &&
                         kept.check_interval_ms >= 0 && kept.deletes;
      const auto oldest = oldest_kept(log);
      if (!known || !oldest) continue;
      const nanoseconds bound = patience + milliseconds(kept.retention_ms) +
                                milliseconds(kept.segment_ms) +
                                2 * milliseconds(kept.check_interval_ms);
      if (oldest->age <= bound) continue;
      findings.push_back(
          {"deleted-too-late",
           only_writer(history, log.where),
           log.where,
           1,
           Allowance::neutral,
           fmt::format("Offset {} was there at an age of at least {}, and should have gone by {}.",
                       oldest->offset, format_duration(oldest->age), format_duration(bound)),
           {{StreamId{}, Seq{}, log.where, oldest->offset, "kept beyond its time"}}});
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "deleted-too-late",
    .help = "logs that kept records long after their retention",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<DeletedTooLate>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
