// G1c, circular information flow: operations that follow each other in a circle.
// Cost: linear in the logs and in what was polled.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/graph.hpp"

namespace seatrial::operations {
namespace {

Finding finding_of(const Cycle& cycle, Weight weight) {
  Finding out{.weight = weight};
  for (const OperationId id : cycle.operations) {
    out.operations.push_back({"before the next", id});
  }
  return out;
}

class G1c final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Operations form a cycle in which each is followed by the next, because the next one "
           "polled what it sent (wr), or sent what lies right behind it in a key's log (ww), and "
           "at least one of them polled. A violation if polls alone form the cycle: both cannot "
           "have been committed before the other began to read them. With sends in it the cycle "
           "is informative, as Kafka's transactions do not isolate writes from each other. One "
           "finding for each group of operations that such cycles connect, with one of its "
           "cycles. Order in time is no edge here: see G1c-realtime. A live trial counts the same "
           "cycles of its transactions as G1c.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const auto polls = cycles(facts, Edges::wr);
    for (const Cycle& cycle : polls) findings.add(finding_of(cycle, Weight::violation));
    for (const Cycle& cycle : cycles(facts, Edges::both, polls)) {
      findings.add(finding_of(cycle, Weight::informative));
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "G1c",
    .help = "cycle of sends and polls between operations",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<G1c>();
    },
});

}  // namespace
}  // namespace seatrial::operations
