// What became of a workload's transactions. A plain producer's record does not speak of them.
#include "client/fact.hpp"

namespace seatrial::workloads {
namespace {

using Count = std::optional<std::uint64_t>;
using Outcome = TransactionHistory::Outcome;

template <class Counts>
Count count(const FactSource& source, Counts counts) {
  Count out;
  for (const TransactionHistory& transaction : source.history.transactions) {
    if (transaction.workload != source.workload) continue;
    out = out.value_or(0) + (counts(transaction) ? 1U : 0U);
  }
  return out;
}

Count committed(const FactSource& source) {
  return count(source, [](const auto& t) { return t.outcome == Outcome::committed; });
}
Count aborted(const FactSource& source) {
  return count(source, [](const auto& t) { return t.outcome == Outcome::aborted; });
}
Count unknown(const FactSource& source) {
  return count(source, [](const auto& t) { return t.outcome == Outcome::unknown; });
}
Count fenced(const FactSource& source) {
  return count(source, [](const auto& t) { return t.fenced; });
}
Count zombies(const FactSource& source) {
  return count(source, [](const auto& t) { return t.zombie; });
}
Count refused_zombies(const FactSource& source) {
  return count(source, [](const auto& t) { return t.zombie && t.fenced; });
}

constexpr char fenced_header[] = "fenced";

using enum MetricSide;
const Registration<Fact> registrations[] = {
    fact<produced, committed, no_column, Need::transactions>(
        "transactions_committed", "whose commit was answered with success"),
    fact<produced, aborted, no_column, Need::transactions>(
        "transactions_aborted", "whose commit was never asked for, or refused"),
    fact<produced, unknown, no_column, Need::transactions>("transactions_unknown",
                                                           "of which nobody can tell"),
    fact<produced, fenced, fenced_header, Need::transactions>(
        "transactions_fenced", "whose commit was refused to a fenced producer"),
    fact<produced, zombies, no_column, Need::transactions>(
        "zombie_commits", "asked for by producers that had been fenced"),
    fact<produced, refused_zombies, no_column, Need::transactions>(
        "zombie_commits_refused", "of those, refused with the error of the fenced"),
};

}  // namespace
}  // namespace seatrial::workloads
