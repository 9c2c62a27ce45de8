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
constexpr auto patience = seconds(10);

// What a deletion may wait for: the newest record of the segment, which is rolled after segment.ms;
// a check, and the one after that, which a broker that has just started begins late; a follower
// that is away and holds the high watermark back, below which alone segments are deleted; and a
// partition that nobody leads.
std::optional<nanoseconds> latest_age(const RetentionContract& kept, nanoseconds out_of_service) {
  const bool known = kept.deletes && kept.retention_ms >= 0 && kept.segment_ms >= 0 &&
                     kept.check_interval_ms >= 0 && kept.initial_delay_ms >= 0 &&
                     kept.replica_lag_time_ms >= 0;
  if (!known) return std::nullopt;
  return patience + out_of_service +
         milliseconds(kept.retention_ms + kept.segment_ms + 2 * kept.check_interval_ms +
                      kept.initial_delay_ms + 2 * kept.replica_lag_time_ms);
}

// A log below min.insync.replicas tells nobody of a higher high watermark, even if it acks.
nanoseconds out_of_service(const History& history, const TopicPartition& where) {
  nanoseconds sum{0};
  const auto away = history.longest_out_of_sync.find(where);
  if (away != history.longest_out_of_sync.end()) sum = away->second;
  for (const Unavailability& span : history.unavailability) {
    if (span.where == where) sum += span.to - span.from;
  }
  return sum;
}

class DeletedTooLate final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A log that still held a record older than retention.ms + segment.ms + twice "
           "log.retention.check.interval.ms + log.initial.task.delay.ms + twice "
           "replica.lag.time.max.ms + all the time in which the partition acked nothing due + "
           "the longest in which it lacked a replica + 10 s: a segment is deleted as a whole, "
           "once its newest record is old enough and replicated, when a check comes by. The "
           "age is bounded from below by looks at both ends of the log during the trial. Where "
           "one of these settings is not known there is no claim. Counts partitions. Always a "
           "violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::retention; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const RetentionHistory& log : history.retention) {
      const auto contract = history.contract.retention.find(log.where.topic);
      if (contract == history.contract.retention.end()) continue;
      const auto bound = latest_age(contract->second, out_of_service(history, log.where));
      const auto oldest = oldest_kept(log);
      if (!bound || !oldest || oldest->age <= *bound) continue;
      findings.push_back(
          {"deleted-too-late",
           only_writer(history, log.where),
           log.where,
           1,
           Allowance::violation,
           fmt::format("Offset {} was there at an age of at least {}, and should have gone by {}.",
                       oldest->offset, format_duration(oldest->age), format_duration(*bound)),
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
