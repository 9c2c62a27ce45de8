// Against trying every way, and on a path that recursion could not follow.
#include "core/components.hpp"

#include <random>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace seatrial {
namespace {

using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

Adjacency graph_of(std::size_t nodes, const Pairs& edges) {
  return adjacency(nodes, [&](const auto& visit) {
    for (const auto& [from, to] : edges) visit(from, to);
  });
}

// Which nodes lead to which, by trying every way.
std::vector<std::vector<bool>> reach(std::size_t nodes, const Pairs& edges) {
  std::vector out(nodes, std::vector<bool>(nodes));
  for (std::size_t i = 0; i < nodes; ++i) out[i][i] = true;
  for (const auto& [from, to] : edges) out[from][to] = true;
  for (std::size_t via = 0; via < nodes; ++via) {
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t j = 0; j < nodes; ++j) out[i][j] = out[i][j] || (out[i][via] && out[via][j]);
    }
  }
  return out;
}

TEST_CASE("an empty graph has no components") {
  CHECK(strong_components(graph_of(0, {})).count == 0);
  CHECK(strong_components(graph_of(3, {})).count == 3);
}

TEST_CASE("components are what leads both ways, numbered after what they lead to") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    const std::size_t nodes = 1 + random() % 9;
    Pairs edges(random() % (2 * nodes));
    for (auto& edge : edges) edge = {random() % nodes, random() % nodes};
    const Components found = strong_components(graph_of(nodes, edges));
    const auto leads = reach(nodes, edges);
    for (std::uint32_t i = 0; i < nodes; ++i) {
      REQUIRE(found.of[i] < found.count);
      for (std::uint32_t j = 0; j < nodes; ++j) {
        REQUIRE((found.of[i] == found.of[j]) == (leads[i][j] && leads[j][i]));
        if (leads[i][j]) REQUIRE(found.of[i] >= found.of[j]);
      }
    }
  }
}

TEST_CASE("one path of a million nodes, and the circle that it closes to") {
  constexpr std::uint32_t nodes = 1'000'000;
  const auto each_edge = [&](std::uint32_t edges) {
    return [edges](const auto& visit) {
      for (std::uint32_t i = 0; i < edges; ++i) visit(i, (i + 1) % nodes);
    };
  };
  CHECK(strong_components(adjacency(nodes, each_edge(nodes - 1))).count == nodes);
  CHECK(strong_components(adjacency(nodes, each_edge(nodes))).count == 1);
}

}  // namespace
}  // namespace seatrial
