// tombstone-removed-early: keys whose deletion the log forgot before readers had time to see it.
// Cost: linear in the keys.
#include <memory>

#include "checkers/keys.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

// Present: the log's last record of the key is a tombstone. Anything that came after it, or may
// have, leaves the key to the other checkers.
bool tombstone_is_gone(const KeyOf& key) {
  return is_tombstone(key.lane.acked[key.index]) && key.lane.found[key.index] == 0 &&
         key.doubt == nullptr;
}

class TombstoneRemovedEarly final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A key whose highest acked version is a tombstone, of which the log holds no record at "
           "all although less than delete.retention.ms had passed since the tombstone was sent: "
           "it must stay for that long after it became eligible for removal, which it cannot be "
           "before it is appended, so that readers who are behind learn of the deletion. Its age "
           "is taken from before it was sent to after the log had been read, so it is "
           "overestimated, never underestimated. No claim where that age is not known or is "
           "higher, where a later version of the key was never answered, where cleanup.policy "
           "contains delete, or where the log's start moved. Counts keys. Expected where loss or "
           "reordering is, else a violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::keys; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    return gather_keys(history, "tombstone-removed-early", [&](const KeyOf& key) {
      const auto contract = history.contract.retention.find(key.lane.topic);
      if (contract == history.contract.retention.end()) return false;
      const RetentionContract& kept = contract->second;
      if (!kept.compacts || kept.deletes || kept.delete_retention_ms < 0) return false;
      if (key.index >= key.lane.acked_sent.size() || !tombstone_is_gone(key)) return false;
      const Instant sent = key.lane.acked_sent[key.index];
      if (sent == Instant{} || key.lane.read_at == Instant{}) return false;
      return key.lane.read_at - sent < milliseconds(kept.delete_retention_ms);
    });
  }
};

const Registration<Checker> registration({
    .name = "tombstone-removed-early",
    .help = "keys whose tombstone was removed before delete.retention.ms",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<TombstoneRemovedEarly>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
