// g1c: transactions that depend on each other in a circle in which one was read by another.
// Cost: linear in the transactions, save for sorting them by offset.
#include <map>
#include <memory>

#include "checkers/transactions.hpp"
#include "core/registry.hpp"

namespace seatrial::checkers {
namespace {

class CircularFlow final : public Checker {
 public:
  [[nodiscard]] std::string definition() const override {
    return "G1c, circular information flow: transactions in a circle of who wrote first to a "
           "partition and who consumed what another wrote, with at least one of the latter. Counts "
           "the transactions in such circles. A violation if the circle is one of reading alone: "
           "under read_committed what was consumed had been committed before. Neutral if it is "
           "closed by the order of writes, from which Kafka does not isolate transactions.";
  }
  [[nodiscard]] std::vector<Finding> check(const History& history) const override {
    const TransactionGraph graph = dependency_graph(history);
    std::vector<Finding> findings;
    const auto by_reading = in_circles(graph, components(graph, Edges::wr));
    gather(history, graph, by_reading, std::vector<bool>(by_reading.size(), false),
           {Allowance::violation,
            "Each has consumed what another committed before it: a circle has no first."},
           findings);
    gather(history, graph, in_circles(graph, components(graph, Edges::all)), by_reading,
           {Allowance::neutral,
            "Closed by the order of writes, from which Kafka does not isolate transactions."},
           findings);
    return findings;
  }

 private:
  // Of each transaction, whether its component holds a dependency by reading.
  static std::vector<bool> in_circles(const TransactionGraph& graph,
                                      const std::vector<std::uint32_t>& component) {
    std::vector<bool> reads(component.size(), false);  // by component
    for (std::size_t i = 0; i < component.size(); ++i) {
      for (const auto& edge : graph.edges[i]) {
        const bool within = component[i] == component[edge.to];
        if (within && edge.kind == TransactionGraph::Kind::wr) reads[component[i]] = true;
      }
    }
    std::vector<bool> out;
    for (const std::size_t c : component) out.push_back(reads[c]);
    return out;
  }
  static void gather(const History& history, const TransactionGraph& graph,
                     const std::vector<bool>& wanted, const std::vector<bool>& unwanted,
                     const Ruling& ruling, std::vector<Finding>& findings) {
    std::map<std::string, Finding> by_workload;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i] || unwanted[i]) continue;
      const TransactionHistory& transaction = history.transactions[i];
      Finding& finding = by_workload[transaction.workload];
      finding.anomaly = "g1c";
      finding.workload = transaction.workload;
      finding.allowance = ruling.allowance;
      finding.why = ruling.why;
      if (finding.count++ == 0) {
        for (const auto& edge : graph.edges[i]) finding.where = edge.where;
      }
      if (finding.examples.size() >= max_examples || transaction.writes.empty()) continue;
      const StreamSpan& first = transaction.writes.front();
      finding.examples.push_back({first.stream, Seq{first.begin}, finding.where, first.first_offset,
                                  name_of(transaction)});
    }
    for (auto& [workload, finding] : by_workload) findings.push_back(std::move(finding));
  }
};

const Registration<Checker> registration({
    .name = "g1c",
    .help = "transactions in a circle with what they consumed of each other",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Checker> {
      return std::make_unique<CircularFlow>();
    },
});

}  // namespace
}  // namespace seatrial::checkers
