// aborted-read: messages of an aborted transaction that readers under read_committed are given.
// Cost: n log n in the transactions, linear in the intervals of each stream.
#include <map>
#include <memory>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class AbortedRead final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A message of an aborted transaction that readers under read_committed are given. "
           "Aborted is what its producer was told is aborted, and every transaction whose commit "
           "was never asked for: nobody else may commit it, whatever became of its producer. A "
           "fenced producer's transaction is zombie-committed's. Needs the log's batches, which "
           "tell what is committed. Always a violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::transactions_beside; }
  [[nodiscard]] std::string column() const override { return "aborted"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    std::map<StreamId, IntervalSet> aborted;
    for (const TransactionHistory& t : history.transactions) {
      if (t.outcome != TransactionHistory::Outcome::aborted || t.zombie) continue;
      for (const StreamSpan& span : t.writes) aborted[span.stream].insert(span.begin, span.end);
    }
    return gather(
        history, "aborted-read", "of an aborted transaction, and committed in the log",
        [&](const StreamHistory& s) {
          const auto at = aborted.find(s.stream);
          if (at == aborted.end() || !visibility_is_known(history, s.where)) return IntervalSet{};
          return at->second.intersect(s.committed);
        },
        [](const StreamHistory&) {
          return Ruling{Allowance::violation,
                        "A transaction that was not committed must not be seen under "
                        "read_committed."};
        });
  }
};

const Registration<Checker> registration({
    .name = "aborted-read",
    .help = "of an aborted transaction, yet given to readers under read_committed",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<AbortedRead>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
