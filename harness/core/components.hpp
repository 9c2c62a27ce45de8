// Strongly connected components of a directed graph: nodes that lead to each other both ways.
// Linear in nodes and edges (R. Tarjan, Depth-first search and linear graph algorithms, SIAM J.
// Comput. 1 (1972)), without recursion, as a graph may be one path of millions. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/check.hpp"

namespace seatrial {

// Nodes are 0 to n-1; 4 bytes for each and for each edge. Edges may repeat.
struct Adjacency {
  std::vector<std::uint32_t> begin{0};  // by node, and one more: where its successors stand
  std::vector<std::uint32_t> to;
  [[nodiscard]] std::size_t nodes() const { return begin.size() - 1; }
};

// `each_edge(visit)` must call visit(from, to) for every edge, and the same ones each of two times.
template <class EachEdge>
Adjacency adjacency(std::size_t nodes, const EachEdge& each_edge) {
  Adjacency out;
  out.begin.assign(nodes + 1, 0);
  std::uint64_t count = 0;
  each_edge([&](std::uint32_t from, std::uint32_t) {
    ++out.begin[from];
    ++count;
  });
  check(count < 0xffff'ffff, "fewer than 2^32 edges");
  // To where each node's edges end; filling them backwards leaves where they begin.
  std::uint32_t sum = 0;
  for (std::uint32_t& ends : out.begin) ends = sum += ends;
  out.to.resize(sum);
  each_edge([&](std::uint32_t from, std::uint32_t to) { out.to[--out.begin[from]] = to; });
  return out;
}

struct Components {
  std::vector<std::uint32_t> of;  // by node: numbered from 0, each after all that it leads to
  std::uint32_t count = 0;
};

[[nodiscard]] Components strong_components(const Adjacency& graph);

}  // namespace seatrial
