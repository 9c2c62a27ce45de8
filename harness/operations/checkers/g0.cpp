// G0, the write cycle: operations whose messages lie in opposite orders in different places.
// Cost: linear in the logs.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"
#include "operations/graph.hpp"

namespace seatrial::operations {
namespace {

class G0 final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "Operations form a cycle in which each sent a message that lies, in some key's log, "
           "right before a message of the next one. One finding for each group of operations that "
           "such cycles connect, with one of its cycles. Informative: Kafka's transactions do not "
           "isolate writes from each other. Order in time is no edge here: see G0-realtime. A live "
           "trial counts the same cycles of its "
           "transactions as G0.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    for (const Cycle& cycle : cycles(facts, Edges::ww)) {
      Finding finding{.weight = Weight::informative};
      for (const OperationId id : cycle.operations) {
        finding.operations.push_back({"sent before the next", id});
      }
      findings.add(std::move(finding));
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "G0",
    .help = "write cycle: each sent before the other",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<G0>();
    },
});

}  // namespace
}  // namespace seatrial::operations
