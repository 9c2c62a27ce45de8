// redelivered: messages handed to a group more than once.
// Cost: linear in the groups.
#include <memory>
#include <string>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Redelivered final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that was handed to a group which some member had been handed it "
           "before, be it from the same offset or from another. Groups read at least once: "
           "what was not committed before a rebalance or a restart comes again, in a share "
           "group what was not acknowledged before its lock or its member's session ended. "
           "Allowed; an expectation says how many are too many.";
  }
  [[nodiscard]] CountOf count_of() const override { return CountOf::nothing; }
  [[nodiscard]] std::string column() const override { return "again"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_group_sightings(
        history, "redelivered", &GroupHistory::redelivered, [](const GroupHistory& group) {
          const std::string undone = group.share
                                         ? "acknowledged when its lock ended"
                                         : "committed when its partition moved";
          return Ruling{Allowance::expected,
                        "A group is promised each message at least once: what was not " + undone +
                            " comes again."};
        });
  }
};

const Registration<Checker> registration({
    .name = "redelivered",
    .help = "a group was handed a message again",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<Redelivered>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
