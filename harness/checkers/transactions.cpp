// The graph is built from spans alone: its size is that of the transactions, not of their messages.
#include "checkers/transactions.hpp"

#include <algorithm>
#include <limits>

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

constexpr std::size_t unseen = std::numeric_limits<std::size_t>::max();

// Tarjan's algorithm with a stack of its own, since chains are as long as the run.
class Tarjan {
 public:
  Tarjan(const Graph& graph, Edges kinds)
      : graph_(graph),
        kinds_(kinds),
        index_(graph.edges.size(), unseen),
        low_(graph.edges.size(), 0),
        component_(graph.edges.size(), unseen) {}

  std::vector<std::size_t> run() {
    for (std::size_t node = 0; node < graph_.edges.size(); ++node) {
      if (index_[node] == unseen) explore(node);
    }
    return std::move(component_);
  }

 private:
  struct Frame {
    std::size_t node = 0;
    std::size_t next_edge = 0;
  };
  void enter(std::size_t node) {
    index_[node] = low_[node] = next_index_++;
    open_.push_back(node);
    frames_.push_back({node, 0});
  }
  void explore(std::size_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const auto& edges = graph_.edges[frame.node];
      if (frame.next_edge < edges.size()) {
        follow(frame.node, edges[frame.next_edge++]);
      } else {
        leave(frame.node);
      }
    }
  }
  void follow(std::size_t from, const Graph::Edge& edge) {
    if (!counts(kinds_, edge.kind)) return;
    if (index_[edge.to] == unseen) return enter(edge.to);
    if (component_[edge.to] == unseen) low_[from] = std::min(low_[from], index_[edge.to]);
  }
  void leave(std::size_t node) {
    frames_.pop_back();
    if (!frames_.empty()) {
      auto& above = low_[frames_.back().node];
      above = std::min(above, low_[node]);
    }
    if (low_[node] != index_[node]) return;
    std::size_t member = unseen;
    do {
      member = open_.back();
      open_.pop_back();
      component_[member] = components_;
    } while (member != node);
    ++components_;
  }

  const Graph& graph_;
  Edges kinds_;
  std::vector<std::size_t> index_, low_, component_, open_;
  std::vector<Frame> frames_;
  std::size_t next_index_ = 0, components_ = 0;
};

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

std::vector<std::size_t> components(const TransactionGraph& graph, Edges kinds) {
  return Tarjan(graph, kinds).run();
}

}  // namespace seatrial::checkers
