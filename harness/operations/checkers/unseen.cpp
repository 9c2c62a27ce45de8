// unseen: acked messages beyond all that was polled of their key.
// Cost: linear in the messages.
#include <memory>
#include <vector>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class Unseen final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose send is ok, that no ok poll ever returned, and that is not a "
           "lost-write: no ok poll returned a later offset of its key, or its offset is not "
           "known, or an info operation polled it. What only failed operations polled was taken "
           "back and is not seen. Nothing is "
           "proved against the cluster, as a consumer may just have stopped early; but nothing is "
           "proved for it either, so the verdict is at best unknown. Let consumers read to the "
           "end to decide it. In a live trial this is unseen (acked, and not polled yet); the "
           "audit decides it there.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    std::vector<std::int64_t> bounds(history.keys.size(), no_offset);  // polled up to there
    for (std::uint32_t key = 0; key < bounds.size(); ++key) {
      if (const auto bound = facts.polled_up_to(KeyId{key})) bounds[key] = bound->offset;
    }
    for (std::uint32_t id = 0; id < history.messages.size(); ++id) {
      const MessageId message{id};
      const auto writer = facts.writer(message);
      if (!writer || facts.polled_ok(message) || facts.ambiguous(message)) continue;
      if (history[*writer].outcome != Outcome::ok) continue;
      const KeyId key = history.messages.key(message);
      const auto offset = facts.last_offset(message);
      const bool passed = offset && *offset <= bounds[key.value];
      if (passed && !facts.may_be_polled(message)) continue;  // lost
      findings.add({.weight = Weight::undecided,
                    .key = key,
                    .values = {message},
                    .offsets = {offset.value_or(no_offset)},
                    .operations = {{"writer", *writer}}});
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "unseen",
    .help = "acked, and the polls ended before they got there",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<Unseen>();
    },
});

}  // namespace
}  // namespace seatrial::operations
