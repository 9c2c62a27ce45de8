// poll-skip: a process passed over messages between two operations.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class PollSkip final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Between the last message of a key that a process's last ok operation polled and the "
           "first that its next one polls, there are offsets that are known to hold committed or "
           "polled messages. Polls of an operation that failed are compared, but do not move the "
           "position; after info it is not known. No step is judged across a rebalance that names "
           "the key, a crash, or an assign or subscribe that leaves the key out (keys in both "
           "lists keep their position). A violation; only informative while the process "
           "subscribes, as its group may have moved the partition away and back without a word. "
           "In a live trial this is poll-skip.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_between_polls(facts, [&](const Step& step) {
      if (skips(facts, step))
        findings.add(
            finding_of(facts, step, step.subscribed ? Weight::informative : Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "poll-skip",
    .help = "a process's next poll leaves out known messages",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<PollSkip>();
    },
});

}  // namespace
}  // namespace seatrial::operations
