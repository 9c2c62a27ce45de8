// nonmonotonic-poll: a process went back between two operations.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class NonmonotonicPoll final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "The first message of a key that an operation polls lies at or below the last one that "
           "the process's last ok operation polled of it. Polls of an operation that failed are "
           "compared, but do not move the position; after info it is not known. No step is judged "
           "across a rebalance that names the key, a crash, or an assign or subscribe that leaves "
           "the key out (keys in both lists keep their position). A violation; only informative "
           "while the process subscribes, as its group may have moved the partition away and back "
           "without a word. In a live trial this is nonmonotonic-poll.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_between_polls(facts, [&](const Step& step) {
      if (step.to_offset <= step.from_offset)
        findings.add(
            finding_of(facts, step, step.subscribed ? Weight::informative : Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "nonmonotonic-poll",
    .help = "a process's next poll begins at or below where it was",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<NonmonotonicPoll>();
    },
});

}  // namespace
}  // namespace seatrial::operations
