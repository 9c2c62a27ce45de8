// realtime-lag: how long messages waited for a group.
// Cost: linear in the partitions of each group.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::checkers {
namespace {

constexpr nanoseconds worth_reporting = seconds(1);  // below, it is latency

class RealtimeLag final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "The age of a group's position in a partition: how long its next message had "
           "been due when the group was handed it, that is, from the message's intended "
           "time to its first delivery, at the longest. Equal to the time for which the "
           "position had not been the log's tail, counted from when the message should "
           "have been there rather than from its ack, so that it includes waiting for the "
           "cluster. Messages never handed over have no such age: see unseen. Counts "
           "partitions that lagged for at least 1 s; the finding names the time. A fact "
           "without a promise: an expectation on realtime_lag says how long is too long.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::nothing; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const GroupHistory& group : history.groups) {
      for (const auto& [where, lag] : group.longest_lag) {
        if (lag < worth_reporting) continue;
        findings.push_back(
            {"realtime-lag",
             group.workload,
             where,
             1,
             Allowance::neutral,
             "A message was handed over " + format_duration(lag) + " after it was due.",
             {}});
      }
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "realtime-lag",
    .help = "how long a group lagged behind, by partition",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<RealtimeLag>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
