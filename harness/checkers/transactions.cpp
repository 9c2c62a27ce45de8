// The graph is built from spans alone: its size is that of the transactions, not of their messages.
#include "checkers/transactions.hpp"

#include <algorithm>

#include "core/components.hpp"

namespace seatrial::checkers {
namespace {

using Graph = TransactionGraph;

bool counts(Edges kinds, Graph::Kind kind) {
  return kinds == Edges::all || (kinds == Edges::ww) == (kind == Graph::Kind::ww);
}

bool took_effect(const TransactionHistory& transaction) {
  return transaction.outcome != TransactionHistory::Outcome::aborted;
}

// First and last message of each transaction in the log, in offset order: neighbours of different
// transactions depend on each other, and by these all others do.
void add_write_order(const History& history, const StreamTable& streams, Graph& graph) {
  std::map<TopicPartition, std::map<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < history.transactions.size(); ++i) {
    if (!took_effect(history.transactions[i])) continue;
    for (const StreamSpan& span : history.transactions[i].writes) {
      const StreamHistory* stream = streams.find(span.stream);
      if (stream == nullptr || span.first_offset < 0) continue;
      order[stream->where][span.first_offset] = i;
      order[stream->where][span.last_offset] = i;
    }
  }
  for (const auto& [where, writers] : order) {
    const std::size_t* before = nullptr;
    for (const auto& [offset, writer] : writers) {
      if (before != nullptr && *before != writer) {
        graph.edges[*before].push_back({writer, Graph::Kind::ww, where});
      }
      before = &writer;
    }
  }
}

struct Written {
  std::uint64_t end = 0;
  std::size_t by = 0;
};

void add_reads(const History& history, const StreamTable& streams, Graph& graph) {
  std::map<StreamId, std::map<std::uint64_t, Written>> writers;  // by the span's begin
  for (std::size_t i = 0; i < history.transactions.size(); ++i) {
    if (!took_effect(history.transactions[i])) continue;
    for (const StreamSpan& span : history.transactions[i].writes) {
      writers[span.stream][span.begin] = {span.end, i};
    }
  }
  for (std::size_t i = 0; i < history.transactions.size(); ++i) {
    if (!took_effect(history.transactions[i])) continue;
    for (const StreamSpan& read : history.transactions[i].reads) {
      const auto stream = writers.find(read.stream);
      if (stream == writers.end()) continue;
      const StreamHistory* of = streams.find(read.stream);
      auto at = stream->second.upper_bound(read.begin);
      if (at != stream->second.begin()) --at;
      for (; at != stream->second.end() && at->first < read.end; ++at) {
        if (at->second.end <= read.begin || at->second.by == i) continue;
        graph.edges[at->second.by].push_back(
            {i, Graph::Kind::wr, of == nullptr ? TopicPartition{} : of->where});
      }
    }
  }
}

}  // namespace

bool visibility_is_known(const History& history, const TopicPartition& where) {
  const auto at = std::ranges::find(history.partitions, where, &PartitionHistory::where);
  return at != history.partitions.end() && at->complete && at->batches_seen &&
         !history.contract.compacts(where.topic);
}

StreamTable::StreamTable(const History& history) {
  for (const StreamHistory& stream : history.streams) streams_[stream.stream] = &stream;
}

const StreamHistory* StreamTable::find(StreamId stream) const {
  const auto at = streams_.find(stream);
  return at == streams_.end() ? nullptr : at->second;
}

IntervalSet messages_of(const StreamSpan& span) {
  IntervalSet out;
  out.insert(span.begin, span.end);
  return out;
}

std::string name_of(const TransactionHistory& transaction) {
  return "transaction " + std::to_string(transaction.number) + " of lane " +
         std::to_string(transaction.lane.value);
}

TransactionGraph dependency_graph(const History& history) {
  const StreamTable streams(history);
  Graph graph;
  graph.edges.resize(history.transactions.size());
  add_write_order(history, streams, graph);
  add_reads(history, streams, graph);
  return graph;
}

std::vector<std::uint32_t> components(const TransactionGraph& graph, Edges kinds) {
  return strong_components(adjacency(graph.edges.size(),
                                     [&](const auto& visit) {
                                       for (std::uint32_t i = 0; i < graph.edges.size(); ++i) {
                                         for (const auto& edge : graph.edges[i]) {
                                           if (!counts(kinds, edge.kind)) continue;
                                           visit(i, static_cast<std::uint32_t>(edge.to));
                                         }
                                       }
                                     }))
      .of;
}

}  // namespace seatrial::checkers
