// int-nonmonotonic-poll: one operation polled backwards.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class IntNonmonotonicPoll final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "One operation polled two messages of a key in succession, the second at or below the "
           "first one's offset. Keys that the operation's rebalances name are not judged. Always "
           "a violation. In a live trial this is nonmonotonic-poll, which judges all of an "
           "assignment.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_within_polls(facts, [&](const Step& step) {
      if (step.to_offset <= step.from_offset)
        findings.add(finding_of(facts, step, Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "int-nonmonotonic-poll",
    .help = "polls within one operation go back",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<IntNonmonotonicPoll>();
    },
});

}  // namespace
}  // namespace seatrial::operations
