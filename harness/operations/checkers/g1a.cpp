// G1a, the aborted read: an ok operation polled what a failed one sent.
// Cost: linear in what was polled.
#include <memory>
#include <unordered_set>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class G1a final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "An ok operation polled a message that was sent by an operation that failed (an "
           "aborted transaction among them): it certainly did not happen, and yet it was seen. "
           "One finding for each operation that polled it. Always a violation. In a live trial "
           "this is failed-but-present, and aborted-read where a transaction was aborted.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    history.each_operation([&](OperationId reader, const Operation& operation) {
      if (operation.outcome != Outcome::ok) return;
      std::unordered_set<MessageId> reported;  // only aborted ones: stays empty almost always
      history.each_record(reader, [&](const Record& record) {
        const MessageId message = record.message();
        if (record.kind != Record::Kind::poll || facts.ambiguous(message)) return;
        const auto writer = facts.writer(message);
        if (!writer || history[*writer].outcome != Outcome::fail) return;
        if (!reported.insert(message).second) return;
        findings.add({.key = history.messages.key(message),
                      .values = {message},
                      .offsets = {record.offset},
                      .operations = {{"writer", *writer}, {"reader", reader}}});
      });
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "G1a",
    .help = "the send failed, and the message was polled all the same",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<G1a>();
    },
});

}  // namespace
}  // namespace seatrial::operations
