// group-skipped: messages that a group counts as done and was never handed.
// Cost: linear in the groups; which offsets hold messages is found by the audit.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class GroupSkipped final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message in the log, readable under the group's isolation level, at an offset "
           "below the one that the group's coordinator holds as committed at the end, and "
           "handed to no member: the group will never see it. Decided by offset; a message "
           "that was cut off and written anew elsewhere shows as unseen. Messages below "
           "the first delivery count only if the group began at the log's start. Share groups "
           "commit no offsets: of them nothing is said.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] Need needs() const override { return Need::order; }
  [[nodiscard]] std::string column() const override { return "skipped"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_group_sightings(
        history, "group-skipped", &GroupHistory::skipped,
        [&](const GroupHistory& group) { return rule_delivery(history, group); });
  }
};

const Registration<Checker> registration({
    .name = "group-skipped",
    .help = "below the committed offset, and never handed to the group",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<GroupSkipped>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
