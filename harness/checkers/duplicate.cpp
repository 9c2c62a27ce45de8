// duplicate: messages that stand at more than one offset.
// Cost: linear in the partitions.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Duplicate final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message that is in the log again at a higher offset of its partition; each further "
           "copy counts once. Expected without idempotence, where a retry after a lost answer is "
           "appended again; a violation with it.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_sightings_by_workload(history, "duplicate", &PartitionHistory::duplicate,
                                        [&](const std::string& workload, const std::string&) {
                                          return rule_duplicates(history.contract, workload);
                                        });
  }
};

const Registration<Checker> registration({
    .name = "duplicate",
    .help = "one message at more than one offset",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<Duplicate>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
