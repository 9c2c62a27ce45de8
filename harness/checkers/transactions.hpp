// What the checkers of transactions share: looking up what a transaction wrote, which partitions
// can be judged at all, and the graph of dependencies between transactions. Pure functions of the
// history; no checker of its own.
//
// Only readers of record batches know what is committed, so partitions that were read otherwise
// yield no claim: see undecided.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "checkers/common.hpp"

namespace seatrial::checkers {

// Whether it is known of every message of the partition if readers under read_committed are given
// it: read completely, batch by batch, and not of a compacted topic, where absence means nothing.
[[nodiscard]] bool visibility_is_known(const History& history, const TopicPartition& where);

class StreamTable {
 public:
  explicit StreamTable(const History& history);
  [[nodiscard]] const StreamHistory* find(StreamId stream) const;

 private:
  std::map<StreamId, const StreamHistory*> streams_;
};

[[nodiscard]] IntervalSet messages_of(const StreamSpan& span);

// "transaction 17 of lane 2": how an example names one.
[[nodiscard]] std::string name_of(const TransactionHistory& transaction);

// Dependencies between transactions that took effect, by index in History::transactions:
//
//   ww  one wrote to a partition before the other did: between neighbours in the order of offsets,
//       of the first and last message of each on each partition
//   wr  one consumed a message that the other wrote
struct TransactionGraph {
  enum class Kind { ww, wr };
  struct Edge {
    std::size_t to = 0;
    Kind kind = Kind::ww;
    TopicPartition where;
  };
  std::vector<std::vector<Edge>> edges;  // by transaction
};
// Transactions that are unknown take part: whoever consumed or overtook them saw their effect.
[[nodiscard]] TransactionGraph dependency_graph(const History& history);

// For each transaction the number of its strongly connected component, over the edges of the kinds
// asked for.
enum class Edges { ww, wr, all };
[[nodiscard]] std::vector<std::uint32_t> components(const TransactionGraph& graph, Edges kinds);

}  // namespace seatrial::checkers
