// deleted-too-early: logs that lost records before their retention was over.
// Cost: linear in the looks at each partition.
#include <fmt/format.h>

#include <memory>

#include "checkers/retention.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::checkers {
namespace {

class DeletedTooEarly final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A log whose start moved past a record that was younger than retention.ms. Its age is "
           "bounded by looks at both ends of the log during the trial: it was appended after a "
           "look that saw the log end below it, and its timestamp is at most the longest time "
           "from send to ack older than that. Where that bound is above retention.ms there is no "
           "claim, nor where retention.bytes may have deleted it. Counts partitions. Always a "
           "violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::retention; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const RetentionHistory& log : history.retention) {
      const auto contract = history.contract.retention.find(log.where.topic);
      if (contract == history.contract.retention.end() || log.timestamp_lag.count() < 0) continue;
      const RetentionContract& kept = contract->second;
      if (kept.retention_ms < 0 || kept.retention_bytes >= 0) continue;
      const auto deleted = youngest_deleted(log);
      if (!deleted) continue;
      const nanoseconds age = deleted->age + log.timestamp_lag;
      if (age >= milliseconds(kept.retention_ms)) continue;
      findings.push_back(
          {"deleted-too-early",
           only_writer(history, log.where),
           log.where,
           1,
           Allowance::violation,
           fmt::format("Offset {} was deleted at an age of at most {}, and retention.ms is {}.",
                       deleted->offset, format_duration(age),
                       format_duration(milliseconds(kept.retention_ms))),
           {{StreamId{}, Seq{}, log.where, deleted->offset, "deleted before its time"}}});
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "deleted-too-early",
    .help = "logs that lost records younger than retention.ms",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<DeletedTooEarly>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
