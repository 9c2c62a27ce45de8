// unseen: messages acked and in the log that a group was never handed.
// Cost: linear in the intervals of each stream, for each group.
#include <iterator>
#include <memory>
#include <utility>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Unseen final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that was acked, that the audit found (under the group's isolation "
           "level) and that no member of a group reading its topic was ever handed. A "
           "claim only if the group read every partition to the log's end after the load "
           "had ended (a share group: was handed its last message, and then nothing for longer "
           "than its locks and sessions last); otherwise it may be late, and the finding is "
           "neutral. Decided by identity. Expected where the group starts at the end of the "
           "log, or an unclean election may rewrite what it had passed, else a violation.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] std::string column() const override { return "unseen"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::vector<Finding> findings;
    for (const GroupHistory& group : history.groups) {
      auto found = gather(
          history, "unseen", "acked, in the log, and never handed over",
          [&](const StreamHistory& s) {
            if (s.where.topic != group.topic) return IntervalSet{};
            const IntervalSet readable =
                s.acked.intersect(group.read_committed ? s.committed : s.present);
            const auto handed = group.delivered.find(s.stream);
            return handed == group.delivered.end() ? readable : readable.minus(handed->second);
          },
          [&](const StreamHistory&) {
            if (group.read_to_end) return rule_delivery(history, group);
            return Ruling{Allowance::neutral, "These may be late: " + group.unread_reason + "."};
          });
      // Whose messages they are matters less than which group missed them.
      for (Finding& finding : found) finding.workload = group.workload;
      std::move(found.begin(), found.end(), std::back_inserter(findings));
    }
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "unseen",
    .help = "acked and in the log, never handed to a group that read to the end",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<Unseen>(); },
});

}  // namespace
}  // namespace seatrial::checkers
