// The order that the logs and polls put operations in, as a graph, and its cycles.
//
//   ww: a message of A is the one before a message of B in a key's log
//   wr: B polled a message of A
//
// Nodes are operations that are committed, or polled something. A message whose place is not
// certain (scattered, ambiguous, or sharing its offset with another) gives no ww edge; its
// neighbours are taken to be the ones beyond it. What was sent by a failed operation has no edges:
// reading it is G1a already.
//
// Memory: 4 bytes for an edge, 16 for an operation and more along one deep path. Linear in both.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "operations/facts.hpp"

namespace seatrial::operations {

enum class Edge { ww, wr };
enum class Edges { ww, wr, both };

struct Cycle {
  // In order of the edges; the last one leads back to the first.
  std::vector<OperationId> operations;
};

// One cycle, short but not always the shortest, for each strongly connected component that has
// more than one operation; none for those that hold an operation of the cycles in `except`. With
// Edges::both the cycle has a wr edge, and components without one are left out.
[[nodiscard]] std::vector<Cycle> cycles(const Facts& facts, Edges edges,
                                        const std::vector<Cycle>& except = {});

// Calls visit(edge, from, to) for every edge, some of them more than once; never from == to.
using VisitEdge = std::function<void(Edge, OperationId, OperationId)>;
void each_edge(const Facts& facts, Edges edges, const VisitEdge& visit);

}  // namespace seatrial::operations
