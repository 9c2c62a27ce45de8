// tombstone-resurrected: keys that were deleted, and have a value again that nobody sent since.
// Cost: linear in the keys.
#include <memory>
#include <optional>
#include <string>

#include "checkers/keys.hpp"
#include "core/registry.hpp"
#include "core/units.hpp"

namespace seatrial::checkers {
namespace {

class TombstoneResurrected final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A key whose highest acked version is a tombstone, and whose last record in the log is "
           "an older value: the deletion was undone, as when a tombstone is removed before the "
           "values that it covers. A missing key is as it should be. Counts keys. Expected where "
           "loss or reordering is, and where a replica was out of sync for longer than "
           "delete.retention.ms: it copies what it missed from a log that has forgotten the "
           "tombstone, keeps the older value that it had, and shows it once it leads. Else a "
           "violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::keys; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    auto findings = gather_keys(history, "tombstone-resurrected", KeyVerdict::resurrected);
    for (Finding& finding : findings) {
      const auto why = forgotten_by_a_replica(history, finding.where);
      if (!why || finding.allowance != Allowance::violation) continue;
      finding.allowance = Allowance::expected;
      finding.why = *why;
    }
    return findings;
  }

 private:
  static std::optional<std::string> forgotten_by_a_replica(const History& history,
                                                           const TopicPartition& where) {
    const auto away = history.longest_out_of_sync.find(where);
    const auto contract = history.contract.retention.find(where.topic);
    if (away == history.longest_out_of_sync.end() || contract == history.contract.retention.end())
      return std::nullopt;
    const milliseconds kept(contract->second.delete_retention_ms);
    if (kept < milliseconds(0) || away->second <= kept) return std::nullopt;
    return "A replica was out of sync for " + format_duration(away->second) +
           ", and delete.retention.ms keeps tombstones for " + format_duration(kept) +
           " only: it never learned of deletions whose tombstones had gone by then, and has the "
           "older values still.";
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
