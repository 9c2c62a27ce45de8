// G0-realtime: a message lies below one that was acked before it was sent.
// Cost: linear in the logs.
#include <memory>
#include <optional>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class G0Realtime final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A committed operation sent a message that lies below another one of its key, although "
           "that one's send was ok before this operation was invoked, by whichever process: a log "
           "grows at its end, so its leader's log was cut in between, or the ack was false. Order "
           "is that of the history's lines; where a process writes no invocations, its operations "
           "begin after its last completion. Messages that lie at several offsets, or share "
           "theirs, are not judged. Always a violation. In a live trial this is offset-reuse.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    for (std::uint32_t id = 0; id < history.keys.size(); ++id) {
      const auto log = facts.log(KeyId{id});
      std::optional<OperationId> first_acked;  // of those at higher offsets
      for (std::size_t i = log.size(); i-- > 0;) {
        const MessageId message = log[i].message;
        const auto writer = facts.writer(message);
        if (!facts.certain(log, i) || !writer || !facts.committed(*writer)) continue;
        const Operation& operation = history[*writer];
        if (first_acked && history[*first_acked].line < operation.begun()) {
          findings.add({.key = KeyId{id},
                        .values = {message},
                        .offsets = {log[i].offset},
                        .operations = {{"writer", *writer},
                                       {"acked earlier at a higher offset", *first_acked}}});
        }
        if (operation.outcome == Outcome::ok &&
            (!first_acked || operation.line < history[*first_acked].line)) {
          first_acked = writer;
        }
      }
    }
  }
};

const Registration<OperationChecker> registration({
    .name = "G0-realtime",
    .help = "a message lies below one that was acked before it was sent",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<G0Realtime>();
    },
});

}  // namespace
}  // namespace seatrial::operations
