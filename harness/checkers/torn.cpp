// torn: transactions of which readers under read_committed are given a part.
// Cost: n log n in the transactions, linear in the intervals that they touch.
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

using Outcome = TransactionHistory::Outcome;

// What one transaction shows of itself.
struct Visible {
  std::uint64_t given = 0;    // messages that readers under read_committed are given
  std::uint64_t missing = 0;  // acked, and not given
  bool withheld = false;      // some of the missing are in the log
  std::optional<Example> first_missing;
};

// Nothing if some of what it wrote cannot be judged.
std::optional<Visible> look_at(const History& history, const StreamTable& streams,
                               const TransactionHistory& transaction) {
  Visible out;
  for (const StreamSpan& span : transaction.writes) {
    const StreamHistory* stream = streams.find(span.stream);
    if (stream == nullptr || !visibility_is_known(history, stream->where)) return std::nullopt;
    const IntervalSet wrote = messages_of(span);
    if (!wrote.intersect(stream->expired).empty()) return std::nullopt;
    if (!wrote.intersect(stream->maybe_expired).empty()) return std::nullopt;
    const IntervalSet acked = wrote.intersect(stream->acked);
    const IntervalSet missing = acked.minus(stream->committed);
    out.given += wrote.intersect(stream->committed).count();
    out.missing += missing.count();
    out.withheld = out.withheld || !missing.intersect(stream->present).empty();
    if (missing.empty() || out.first_missing) continue;
    out.first_missing = {stream->stream, Seq{missing.intervals().front().begin}, stream->where, -1,
                         ""};
  }
  return out;
}

class Torn final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "A transaction that readers under read_committed do not see as a whole: it was "
           "committed, and acked messages of it are not given to them; or its outcome is unknown, "
           "and some of its messages are given to them while others that were acked are not. "
           "Counts transactions. Those that touch a partition which was not read completely, or "
           "whose beginning was deleted, yield no claim. A violation, unless all that is missing "
           "is gone from the log and the settings allow its loss.";
  }
  [[nodiscard]] Need needs() const override { return Need::transactions; }
  [[nodiscard]] std::string column() const override { return "torn"; }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const StreamTable streams(history);
    std::map<std::pair<std::string, TopicPartition>, Finding> by_place;
    for (const TransactionHistory& transaction : history.transactions) {
      if (transaction.outcome == Outcome::aborted) continue;
      const auto visible = look_at(history, streams, transaction);
      if (!visible || visible->missing == 0) continue;
      if (transaction.outcome == Outcome::unknown && visible->given == 0) continue;
      Example example = *visible->first_missing;
      example.note = name_of(transaction) + ", " +
                     (transaction.outcome == Outcome::committed ? "committed: " : "in doubt: ") +
                     std::to_string(visible->given) + " messages are given, " +
                     std::to_string(visible->missing) + " acked ones are not";
      const Ruling lost = rule_loss(history.contract, transaction.workload, example.where.topic);
      const bool allowed = !visible->withheld && lost.allowance == Allowance::expected;
      Finding& finding = by_place[{transaction.workload, example.where}];
      if (finding.count++ == 0) {
        finding.anomaly = "torn";
        finding.workload = transaction.workload;
        finding.where = example.where;
        finding.allowance = Allowance::expected;
      }
      if (!allowed) finding.allowance = Allowance::violation;
      finding.why = finding.allowance == Allowance::violation
                        ? "A transaction is seen as a whole or not at all."
                        : lost.why;
      if (finding.examples.size() < max_examples) finding.examples.push_back(std::move(example));
    }
    std::vector<Finding> findings;
    for (auto& [place, finding] : by_place) findings.push_back(std::move(finding));
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "torn",
    .help = "transactions that readers under read_committed see in part",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> { return std::make_unique<Torn>(); },
});

}  // namespace
}  // namespace seatrial::checkers
