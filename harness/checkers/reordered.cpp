// reordered: messages that stand behind a later one of their stream.
// Cost: linear in the partitions.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Reordered final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose first copy stands behind a message of the same producer and "
           "partition that was sent later. Counts the messages that come too late, not those "
           "that they let pass. Expected without idempotence if there is more than "
           "one request in flight, or the leader changed; else a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_sightings_by_workload(history, "reordered", &PartitionHistory::reordered,
                                        [&](const std::string& workload, const std::string& topic) {
                                          return rule_order(history, workload, topic);
                                        });
  }
};

const Registration<Checker> registration({
    .name = "reordered",
    .help = "log order differs from the order of sending within a stream",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<Reordered>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
