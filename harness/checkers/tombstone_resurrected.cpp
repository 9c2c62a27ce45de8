// tombstone-resurrected: keys that were deleted, and have a value again that nobody sent since.
// Cost: linear in the keys.
#include <memory>

#include "checkers/keys.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class TombstoneResurrected final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A key whose highest acked version is a tombstone, and whose last record in the log is "
           "an older value: the deletion was undone, as when a tombstone is removed before the "
           "values that it covers. A missing key is as it should be. Counts keys. Expected where "
           "loss or reordering is, else a violation.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_keys(history, "tombstone-resurrected", KeyVerdict::resurrected);
  }
};

const Registration<Checker> registration({
    .name = "tombstone-resurrected",
    .help = "deleted keys that have an older value again",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<TombstoneResurrected>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
