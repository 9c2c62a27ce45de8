// duplicate: one message at several offsets of its key's log.
// Cost: linear in the logs.
#include <map>
#include <memory>
#include <vector>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class Duplicate final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message lies at more than one offset of its key, as its sender and polls, or polls "
           "alone, tell. Messages that the history itself sends more than once are not judged. "
           "Always a violation, as in the workload that defines these names; what "
           "Kafka promises (nothing without idempotence) only a live trial knows, where this is "
           "duplicate.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    for (std::uint32_t id = 0; id < history.keys.size(); ++id) {
      std::map<MessageId, std::vector<std::int64_t>> offsets;
      for (const LogEntry& entry : facts.log(KeyId{id})) {
        if (!facts.scattered(entry.message) || facts.ambiguous(entry.message)) continue;
        offsets[entry.message].push_back(entry.offset);
      }
      for (const auto& [message, places] : offsets) {
        findings.add({.key = KeyId{id},
                      .values = std::vector<MessageId>(places.size(), message),
                      .offsets = places});
      }
    }
    findings.add_witnesses(facts, "saw it there");
  }
};

const Registration<OperationChecker> registration({
    .name = "duplicate",
    .help = "one message at more than one offset",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<Duplicate>();
    },
});

}  // namespace
}  // namespace seatrial::operations
