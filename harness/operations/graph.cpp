// A cycle is a breadth-first search within one strongly connected component.
#include "operations/graph.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "core/components.hpp"

namespace seatrial::operations {
namespace {

constexpr std::uint32_t none = 0xffff'ffff;

Adjacency adjacency_of(const Facts& facts, Edges edges) {
  return adjacency(facts.history().size(), [&](const auto& visit) {
    each_edge(facts, edges,
              [&](Edge, OperationId from, OperationId to) { visit(from.value, to.value); });
  });
}

// The components of more than one node.
class Groups {
 public:
  explicit Groups(const Adjacency& graph)
      : components_(strong_components(graph)), shared_(components_.count) {
    std::vector<bool> seen(components_.count);
    for (const std::uint32_t component : components_.of) {
      shared_[component] = shared_[component] || seen[component];
      any_ = any_ || shared_[component];
      seen[component] = true;
    }
  }
  [[nodiscard]] bool empty() const { return !any_; }
  // `none` for a node that is alone in its component.
  [[nodiscard]] std::uint32_t of(std::uint32_t node) const {
    const std::uint32_t component = components_.of[node];
    return shared_[component] ? component : none;
  }
  [[nodiscard]] std::uint32_t bound() const { return components_.count; }

 private:
  Components components_;
  std::vector<bool> shared_;  // by component
  bool any_ = false;
};

// The way from one node to another within their component, both included.
std::vector<OperationId> way(const Adjacency& graph, const Groups& groups, std::uint32_t from,
                             std::uint32_t to) {
  std::unordered_map<std::uint32_t, std::uint32_t> came_from{{from, none}};
  std::deque<std::uint32_t> waiting{from};
  while (!waiting.empty() && !came_from.contains(to)) {
    const std::uint32_t node = waiting.front();
    waiting.pop_front();
    for (std::uint32_t e = graph.begin[node]; e < graph.begin[node + 1ULL]; ++e) {
      const std::uint32_t next = graph.to[e];
      if (groups.of(next) != groups.of(from)) continue;
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
  const Adjacency graph = adjacency_of(facts, edges);
  const Groups groups(graph);
  std::vector<Cycle> out;
  if (groups.empty()) return out;
  std::vector<bool> reported(groups.bound());
  for (const Cycle& cycle : except) {
    const std::uint32_t component = groups.of(cycle.operations.front().value);
    if (component != none) reported[component] = true;
  }
  const Edges needed = edges == Edges::both ? Edges::wr : edges;
  each_edge(facts, needed, [&](Edge, OperationId from, OperationId to) {
    const std::uint32_t component = groups.of(from.value);
    if (component == none || component != groups.of(to.value) || reported[component]) return;
    reported[component] = true;
    out.push_back({way(graph, groups, to.value, from.value)});
  });
  return out;
}

}  // namespace seatrial::operations
