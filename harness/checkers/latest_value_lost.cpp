// latest-value-lost: keys whose last record in the log is older than the last that was acked.
// Cost: linear in the keys.
#include <memory>

#include "checkers/keys.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class LatestValueLost final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A key whose highest acked version is a value, and whose last record in the log is an "
           "older version, a tombstone that was not sent after it, or missing. Later versions "
           "whose outcome is unknown may stand in for it. Counts keys. Expected where loss or "
           "reordering is (acks below all, retries without idempotence), else a violation: "
           "compaction keeps at least the last record of each key.";
  }
  [[nodiscard]] Need needs() const override { return Need::keys; }
  [[nodiscard]] std::string column() const override { return "values lost"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_keys(history, "latest-value-lost", KeyVerdict::lost);
  }
};

const Registration<Checker> registration({
    .name = "latest-value-lost",
    .help = "keys whose last record is older than the last acked version",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<LatestValueLost>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
