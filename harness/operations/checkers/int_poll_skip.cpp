// int-poll-skip: messages passed over within one operation.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class IntPollSkip final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Between two messages of a key that one operation polled in succession, there are "
           "offsets that are known to hold committed or polled messages. Keys that the "
           "operation's rebalances name are not judged. Always a violation. In a live trial this "
           "is poll-skip, which judges all of an assignment.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_within_polls(facts, [&](const Step& step) {
      if (skips(facts, step)) findings.add(finding_of(facts, step, Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "int-poll-skip",
    .help = "polls within one operation leave out known messages",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<IntPollSkip>();
    },
});

}  // namespace
}  // namespace seatrial::operations
