// nonmonotonic-poll: offsets that go down while a member reads a partition.
// Cost: linear in the groups.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class NonmonotonicPoll final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A member of a group was handed a record whose offset is not above the one "
           "before it, of the same partition and within one assignment. Going back after a "
           "rebalance is no anomaly: see redelivered. Expected where an unclean election "
           "may cut what was read, else a violation. Share groups have no order: of them "
           "nothing is said.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::consumed; }
  [[nodiscard]] Need needs() const override { return Need::order; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_group_sightings(
        history, "nonmonotonic-poll", &GroupHistory::nonmonotonic_poll,
        [&](const GroupHistory& group) { return rule_delivery(history, group); });
  }
};

const Registration<Checker> registration({
    .name = "nonmonotonic-poll",
    .help = "a member was handed a lower offset within one assignment",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<NonmonotonicPoll>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
