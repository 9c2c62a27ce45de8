// Tarjan's algorithm with a stack of its own, as a history may be one path of millions. A cycle is
// then a breadth-first search within one component.
#include "operations/graph.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "core/check.hpp"

namespace seatrial::operations {
namespace {

constexpr std::uint32_t none = 0xffff'ffff;

// Successors of every node, one array behind the other.
struct Adjacency {
  std::vector<std::uint32_t> begin;  // by node, and one more
  std::vector<std::uint32_t> to;

  Adjacency(const Facts& facts, Edges edges) : begin(facts.history().size() + 1ULL) {
    std::uint64_t count = 0;
    each_edge(facts, edges, [&](Edge, OperationId from, OperationId) {
      ++begin[from.value];
      ++count;
    });
    check(count < none, "fewer than 2^32 edges");
    // To where each node's edges end; filling them backwards leaves where they begin.
    std::uint32_t sum = 0;
    for (std::uint32_t& ends : begin) ends = sum += ends;
    to.resize(sum);
    each_edge(facts, edges, [&](Edge, OperationId from, OperationId target) {
      to[--begin[from.value]] = target.value;
    });
  }
};

// The component of each node, numbered from 0; `none` for nodes that are alone in theirs.
class Components {
 public:
  explicit Components(const Adjacency& graph)
      : graph_(graph), number_(graph.begin.size() - 1, none), low_(number_.size()) {
    for (std::uint32_t node = 0; node < number_.size(); ++node) {
      if (number_[node] == none) search(node);
    }
  }
  [[nodiscard]] std::uint32_t of(std::uint32_t node) const { return low_[node]; }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  struct Frame {
    std::uint32_t node, next;  // and its next edge
  };

  void enter(std::uint32_t node) {
    number_[node] = low_[node] = ++last_number_;
    open_.push_back(node);
    frames_.push_back({node, graph_.begin[node]});
  }

  void search(std::uint32_t root) {
    enter(root);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      const std::uint32_t node = frame.node;
      if (frame.next < graph_.begin[node + 1ULL]) {
        const std::uint32_t to = graph_.to[frame.next++];
        if (number_[to] == none) enter(to);
        else if (number_[to] != closed) low_[node] = std::min(low_[node], number_[to]);
        continue;
      }
      frames_.pop_back();
      if (!frames_.empty()) {
        std::uint32_t& above = low_[frames_.back().node];
        above = std::min(above, low_[node]);
      }
      if (low_[node] == number_[node]) close(node);
    }
  }

  void close(std::uint32_t root) {
    const bool alone = open_.back() == root;
    std::uint32_t node = none;
    do {
      node = open_.back();
      open_.pop_back();
      number_[node] = closed;
      low_[node] = alone ? none : count_;
    } while (node != root);
    if (!alone) ++count_;
  }

  static constexpr std::uint32_t closed = none - 1;
  const Adjacency& graph_;
  std::vector<std::uint32_t> number_, low_;  // low_ becomes the component once it is closed
  std::vector<std::uint32_t> open_;
  std::vector<Frame> frames_;
  std::uint32_t last_number_ = 0, count_ = 0;
};

// The way from one node to another within their component, both included.
std::vector<OperationId> way(const Adjacency& graph, const Components& components,
                             std::uint32_t from, std::uint32_t to) {
  std::unordered_map<std::uint32_t, std::uint32_t> came_from{{from, none}};
  std::deque<std::uint32_t> waiting{from};
  while (!waiting.empty() && !came_from.contains(to)) {
    const std::uint32_t node = waiting.front();
    waiting.pop_front();
    for (std::uint32_t e = graph.begin[node]; e < graph.begin[node + 1ULL]; ++e) {
      const std::uint32_t next = graph.to[e];
      if (components.of(next) != components.of(from)) continue;
      if (came_from.emplace(next, node).second) waiting.push_back(next);
    }
  }
  std::vector<OperationId> out;
  for (std::uint32_t node = to; node != none; node = came_from.at(node)) {
    out.emplace_back(node);
  }
  std::ranges::reverse(out);
  return out;
}

bool places(Edges edges, Edge edge) {
  return edges == Edges::both || (edges == Edges::ww) == (edge == Edge::ww);
}

// Writers whose messages have edges.
bool counts(const Facts& facts, OperationId id) { return facts.committed(id); }

void each_ww(const Facts& facts, const VisitEdge& visit) {
  const History& history = facts.history();
  for (std::uint32_t key = 0; key < history.keys.size(); ++key) {
    const auto log = facts.log(KeyId{key});
    std::optional<OperationId> before;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (!facts.certain(log, i)) continue;
      const auto writer = facts.writer(log[i].message);
      if (!writer || !counts(facts, *writer)) continue;
      if (before && *before != *writer) visit(Edge::ww, *before, *writer);
      before = writer;
    }
  }
}

void each_wr(const Facts& facts, const VisitEdge& visit) {
  const History& history = facts.history();
  history.each_operation([&](OperationId reader, const Operation&) {
    history.each_record(reader, [&](const Record& record) {
      if (record.kind != Record::Kind::poll || facts.ambiguous(record.message())) return;
      const auto writer = facts.writer(record.message());
      if (!writer || *writer == reader || !counts(facts, *writer)) return;
      visit(Edge::wr, *writer, reader);
    });
  });
}

}  // namespace

void each_edge(const Facts& facts, Edges edges, const VisitEdge& visit) {
  if (places(edges, Edge::ww)) each_ww(facts, visit);
  if (places(edges, Edge::wr)) each_wr(facts, visit);
}

std::vector<Cycle> cycles(const Facts& facts, Edges edges, const std::vector<Cycle>& except) {
  const Adjacency graph(facts, edges);
  const Components components(graph);
  std::vector<Cycle> out;
  if (components.count() == 0) return out;
  std::vector<bool> told(components.count());
  for (const Cycle& cycle : except) {
    const std::uint32_t component = components.of(cycle.operations.front().value);
    if (component != none) told[component] = true;
  }
  const Edges needed = edges == Edges::both ? Edges::wr : edges;
  each_edge(facts, needed, [&](Edge, OperationId from, OperationId to) {
    const std::uint32_t component = components.of(from.value);
    if (component == none || component != components.of(to.value) || told[component]) return;
    told[component] = true;
    out.push_back({way(graph, components, to.value, from.value)});
  });
  return out;
}

}  // namespace seatrial::operations
