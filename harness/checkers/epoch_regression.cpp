// epoch-regression: batches of an older leader behind those of a newer one.
// Cost: linear in the partitions.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class EpochRegression final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A batch whose leader epoch is below that of a batch before it in the log: what "
           "a deposed leader wrote stands behind what its successor wrote. Counts batches. "
           "Needs a log read by wire; through librdkafka no epoch is seen, and nothing is "
           "claimed. A violation under any settings.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_sightings(history, "epoch-regression", &PartitionHistory::epoch_regression,
                            {Allowance::violation,
                             "Each leader truncates to its own epoch before it appends, so epochs "
                             "never go down along a log."});
  }
};

const Registration<Checker> registration({
    .name = "epoch-regression",
    .help = "the leader epoch goes down along the log",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<EpochRegression>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
