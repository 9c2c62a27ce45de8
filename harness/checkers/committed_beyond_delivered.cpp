// committed-beyond-delivered: commits that run ahead of what was handed over.
// Cost: linear in the groups.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class CommittedBeyondDelivered final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message below an offset that a member committed when nothing so high had "
           "been handed to the group yet. Were the group to restart from there, nobody "
           "would be handed it. Judged at each commit that was answered without an error, "
           "after the deliveries that came before it. With commit: auto the client library "
           "counts a message as done when it gives it out, and commits in the background: of a "
           "`consumer` that is when it is handed over, so a commit is judged after the batch "
           "that was being taken meanwhile; members of a `group` are handed a message when its "
           "processing begins, so there such a commit may be ahead by a batch, which is counted "
           "and expected. This holds for every version of the library. Share groups commit no "
           "offsets: of them nothing is said.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] Need needs() const override { return Need::order; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_group_sightings(
        history, "committed-beyond-delivered", &GroupHistory::committed_beyond_delivered,
        [&](const GroupHistory& group) { return rule_delivery(history, group); });
  }
};

const Registration<Checker> registration({
    .name = "committed-beyond-delivered",
    .help = "an offset was committed before its messages were handed over",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<CommittedBeyondDelivered>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
