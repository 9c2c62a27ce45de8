// zombie-committed: a fenced producer whose transaction took effect all the same.
// Cost: n log n in the transactions.
#include <map>
#include <memory>
#include <utility>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

std::uint64_t given(const History& history, const StreamTable& streams,
                    const TransactionHistory& transaction) {
  std::uint64_t count = 0;
  for (const StreamSpan& span : transaction.writes) {
    const StreamHistory* stream = streams.find(span.stream);
    if (stream == nullptr || !visibility_is_known(history, stream->where)) continue;
    count += messages_of(span).intersect(stream->committed).count();
  }
  return count;
}

class ZombieCommitted final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A transaction whose producer had been fenced before it asked for the commit, because "
           "another producer of the same transactional.id had been initialised, and which was "
           "answered with success, or some of whose messages readers under read_committed are "
           "given. The coordinator aborts what is open before it answers the newer producer, so "
           "neither can be right. Counts transactions. Always a violation.";
  }
  [[nodiscard]] Need needs() const override { return Need::transactions; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const StreamTable streams(history);
    std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
    for (const TransactionHistory& transaction : history.transactions) {
      if (!transaction.zombie) continue;
      const std::uint64_t messages = given(history, streams, transaction);
      const bool answered = transaction.outcome == TransactionHistory::Outcome::committed;
      if (messages == 0 && !answered) continue;
      Example example;
      if (!transaction.writes.empty()) {
        const StreamSpan& first = transaction.writes.front();
        example.stream = first.stream;
        example.seq = Seq{first.begin};
        if (const auto* stream = streams.find(first.stream)) example.where = stream->where;
      }
      example.note = name_of(transaction) +
                     (answered ? ": its commit was answered with success, " : ": refused, ") +
                     std::to_string(messages) + " of its messages are given";
      Finding& finding = by_place[{transaction.workload, example.where}];
      finding.anomaly = "zombie-committed";
      finding.workload = transaction.workload;
      finding.where = example.where;
      finding.allowance = Allowance::violation;
      finding.why = "A producer that was fenced can commit nothing.";
      ++finding.count;
      if (finding.examples.size() < max_examples) finding.examples.push_back(std::move(example));
    }
    std::vector<Finding> findings;
    for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "zombie-committed",
    .help = "transactions of fenced producers that took effect",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<ZombieCommitted>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
