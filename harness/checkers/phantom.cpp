// phantom: well-formed messages that were never sent.
// Cost: linear in the partitions.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Phantom final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose checksum holds and which no producer of this trial sent to this "
           "partition: it carries the mark of another trial, a stream or a sequence that does "
           "not exist, or belongs to another partition. Always a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_sightings(history, "phantom", &PartitionHistory::phantom,
                            {Allowance::violation, "Nobody sent this message to this partition."});
  }
};

const Registration<Checker> registration({
    .name = "phantom",
    .help = "well-formed, but never sent, or sent elsewhere",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<Phantom>(); },
});

}  // namespace
}  // namespace seatrial::checkers
