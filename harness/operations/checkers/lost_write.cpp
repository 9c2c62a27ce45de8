// lost-write: committed messages that nobody was given, though somebody was given what lies behind.
// Cost: linear in the logs.
#include <memory>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class LostWrite final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message whose send is ok (or info, and another message of the same operation was "
           "polled by an ok operation), that no poll ever returned but those of failed operations, "
           "which are taken back, although an ok poll returned a message of the same key that "
           "never lay at a lower offset. Messages that an info operation polled are `unseen`, as "
           "nobody knows whether that was taken back. Messages beyond the last polled offset are "
           "not lost but `unseen`; where a message lies at "
           "several offsets, its first one bounds what must have been polled, and its last one "
           "says when it must. Always a violation. In a live trial this is acked-lost, which "
           "needs no later message, as the audit reads each log to its end.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    for (std::uint32_t id = 0; id < history.keys.size(); ++id) {
      const KeyId key{id};
      const auto log = facts.log(key);
      const auto bound = facts.polled_up_to(key);
      if (!bound) continue;
      for (const LogEntry& entry : log) {
        if (entry.offset > bound->offset) break;
        const auto writer = facts.writer(entry.message);
        if (facts.may_be_polled(entry.message) || facts.ambiguous(entry.message) || !writer)
          continue;
        if (!facts.committed(*writer)) continue;
        // Of several offsets of one message, polls must have passed the last one.
        if (facts.last_offset(entry.message) != entry.offset) continue;
        findings.add({.key = key,
                      .values = {entry.message},
                      .offsets = {entry.offset},
                      .operations = {{"writer", *writer},
                                     {"reader of a later offset", *facts.reader(bound->message)}}});
      }
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "lost-write",
    .help = "committed, never polled, although a later offset was",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<LostWrite>();
    },
});

}  // namespace
}  // namespace seatrial::operations
