// precommitted-read: a message was given to the very transaction that sent it.
// Cost: linear in what was sent and polled.
#include <memory>
#include <unordered_set>

#include "core/registry.hpp"
#include "operations/checker.hpp"

namespace seatrial::operations {
namespace {

class PrecommittedRead final : public OperationChecker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "An operation polled a message that it sent itself. Messages of a transaction must not "
           "be seen by anyone, its own consumer included, before it commits, and it commits after "
           "its last poll. Always a violation, whatever became of the operation. In a live trial "
           "this is precommitted-read.";
  }
  void check(const Facts& facts, Findings& findings) const override {
    const History& history = facts.history();
    std::unordered_set<MessageId> sent;
    history.each_operation([&](OperationId id, const Operation& operation) {
      if (operation.function != Function::txn) return;
      sent.clear();
      history.each_record(id, [&](const Record& record) {
        if (record.kind == Record::Kind::send) sent.insert(record.message());
      });
      if (sent.empty()) return;
      history.each_record(id, [&](const Record& record) {
        if (record.kind != Record::Kind::poll || facts.ambiguous(record.message())) return;
        if (sent.erase(record.message()) == 0) return;
        findings.add({.key = history.messages.key(record.message()),
                      .values = {record.message()},
                      .offsets = {record.offset},
                      .operations = {{"sent and polled it", id}}});
      });
    });
  }
};

const Registration<OperationChecker> registration({
    .name = "precommitted-read",
    .help = "an operation polled what it sent itself",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<OperationChecker> {
      return std::make_unique<PrecommittedRead>();
    },
});

}  // namespace
}  // namespace seatrial::operations
