// g0: transactions that overwrite each other's order: A wrote before B, and B before A.
// Cost: linear in the transactions, save for sorting them by offset.
#include <map>
#include <memory>
#include <utility>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class WriteCycle final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "G0, a write cycle: transactions that stand in a circle when ordered by who wrote "
           "first to each partition, as when two of them interleave. Counts the transactions that "
           "are in such circles. Neutral: Kafka's transactions are atomic for readers under "
           "read_committed, and do not isolate writers from each other.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const TransactionGraph graph = dependency_graph(history);
    const auto component = components(graph, Edges::ww);
    std::map<std::size_t, std::size_t> sizes;
    for (const std::size_t c : component) ++sizes[c];
    std::map<std::string, Finding> by_workload;
    for (std::size_t i = 0; i < component.size(); ++i) {
      if (sizes[component[i]] < 2) continue;
      const TransactionHistory& transaction = history.transactions[i];
      Finding& finding = by_workload[transaction.workload];
      finding.anomaly = "g0";
      finding.workload = transaction.workload;
      finding.why = "Kafka does not isolate the writes of transactions from each other.";
      if (finding.count++ == 0) {
        for (const auto& edge : graph.edges[i]) finding.where = edge.where;
      }
      if (finding.examples.size() >= max_examples || transaction.writes.empty()) continue;
      const StreamSpan& first = transaction.writes.front();
      finding.examples.push_back({first.stream, Seq{first.begin}, finding.where, first.first_offset,
                                  name_of(transaction) + ", one of " +
                                      std::to_string(sizes[component[i]]) + " in a circle"});
    }
    std::vector<Finding> findings;
    for (auto& [workload, finding] : by_workload) findings.push_back(std::move(finding));
    return findings;
  }
};

const Registration<Checker> registration({
    .name = "g0",
    .help = "transactions in a circle of who wrote first",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<WriteCycle>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
