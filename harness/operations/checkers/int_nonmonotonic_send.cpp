// int-nonmonotonic-send: the sends of one operation changed places.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class IntNonmonotonicSend final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "One committed operation sent two messages to a key in succession, and the second lies "
           "below the first. Places are the offsets that the sender was told, else those where "
           "the messages were polled; two messages at one offset are inconsistent-offsets and "
           "nothing else. Always a violation, as in the workload that defines these names; "
           "without idempotence retries may do it, which only a live trial can know. There this "
           "is nonmonotonic-send, and reordered where the log itself shows it.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_within_sends(facts, [&](const Step& step) {
      if (step.to_offset < step.from_offset)
        findings.add(finding_of(facts, step, Weight::violation));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "int-nonmonotonic-send",
    .help = "sends within one operation land in another order",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<IntNonmonotonicSend>();
    },
});

}  // namespace
}  // namespace seatrial::operations
