// corrupt: messages whose bytes are not those that were sent.
// Cost: linear in the partitions.
#include <memory>

#include "checkers/common.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class Corrupt final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose CRC32C differs from the one stamped into it by its producer, or in "
           "which no identity can be read. Where the identity can still be told, the message "
           "counts as corrupt and not as lost. Always a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_sightings(
        history, "corrupt", &PartitionHistory::corrupt,
        {Allowance::violation, "The bytes read are not the bytes that a producer sent."});
  }
};

const Registration<Checker> registration({
    .name = "corrupt",
    .help = "identity unreadable, or checksum differs",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<Corrupt>(); },
});

}  // namespace
}  // namespace seatrial::checkers
