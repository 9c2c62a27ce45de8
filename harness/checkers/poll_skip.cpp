// poll-skip: messages that a member passed over while it read on.
// Cost: linear in the groups; whether a gap held messages is found by the audit.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class PollSkip final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message at an offset that a member passed over: within one assignment it was "
           "handed a lower offset of the partition and, next, a higher one, and the audit "
           "found this message in between. Gaps of markers, of aborted transactions under "
           "read_committed, and of what was deleted before the audit hold no messages. "
           "Expected where an unclean election may rewrite the log or the group starts "
           "over at its end, else a violation. Members of share groups leave to others what "
           "lies between: of them nothing is said.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] Need needs() const override { return Need::order; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_group_sightings(
        history, "poll-skip", &GroupHistory::poll_skip,
        [&](const GroupHistory& group) { return rule_delivery(history, group); });
  }
};

const Registration<Checker> registration({
    .name = "poll-skip",
    .help = "a member passed over messages within one assignment",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<PollSkip>(); },
});

}  // namespace
}  // namespace seatrial::checkers
