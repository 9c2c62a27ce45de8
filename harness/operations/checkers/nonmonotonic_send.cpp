// nonmonotonic-send: a process sent on, and landed lower.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class NonmonotonicSend final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "The first message that a committed operation sends to a key lies below the last one "
           "that the process's last ok operation sent to it. Places are the offsets that the "
           "sender was told, else those where the messages were polled; two messages at one "
           "offset are inconsistent-offsets and nothing else. After info there is no judgement: a "
           "send without an answer may arrive late. An assign or subscribe between both excuses "
           "nothing, unlike between two polls: which keys a process reads has no bearing on where "
           "its sends land. Only a crash ends the comparison. Always a violation: the earlier one "
           "was acked "
           "before the later one was invoked. In a live trial this is nonmonotonic-send, and "
           "reordered where the log itself shows it.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_between_sends(facts, [&](const Step& step) {
      if (step.to_offset < step.from_offset)
        findings.add(finding_of(facts, step, Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "nonmonotonic-send",
    .help = "a process's next send lies below its last one",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<NonmonotonicSend>();
    },
});

}  // namespace
}  // namespace seatrial::operations
