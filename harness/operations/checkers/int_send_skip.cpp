// int-send-skip: other operations' messages between the sends of one.
// Cost: linear in what was polled or sent.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/polls.hpp"

namespace seatrial::operations {
namespace {

class IntSendSkip final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Between two messages that one committed operation sent to a key in succession, there "
           "are offsets that are known to hold other messages. Informative: Kafka's transactions "
           "do not isolate writes from each other, and interleave all the time. A live trial has "
           "no name for it.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    each_step_within_sends(facts, [&](const Step& step) {
      if (skips(facts, step)) findings.add(finding_of(facts, step, Weight::informative));
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "int-send-skip",
    .help = "sends within one operation with others between",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<IntSendSkip>();
    },
});

}  // namespace
}  // namespace seatrial::operations
