// Boost.Random rather than <random>: the standard leaves distributions to each library.
#include "scenario/draw.hpp"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>

#include "core/mix.hpp"

namespace seatrial::scenario {

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t n) {
  return mix(seed + (n + 1) * golden_gamma);
}

int drawn_count(const Target& target, int brokers) {
  switch (target.kind) {
    case Target::Kind::broker:
    case Target::Kind::one: return 1;
    case Target::Kind::minority: return (brokers - 1) / 2;
    case Target::Kind::majority: return brokers / 2 + 1;
    case Target::Kind::all: return brokers;
    case Target::Kind::leader:
    case Target::Kind::follower:
    case Target::Kind::followers:
    case Target::Kind::controller:
    case Target::Kind::member:
    case Target::Kind::coordinator:
    case Target::Kind::rack:
    case Target::Kind::set:
    case Target::Kind::link:
    case Target::Kind::clients:
    case Target::Kind::brokers:
    case Target::Kind::controllers:
    case Target::Kind::cluster: break;
  }
  return 0;
}

std::vector<NodeId> draw_nodes(const Target& target, int brokers, std::uint64_t seed) {
  if (target.kind == Target::Kind::broker) return {target.node};
  std::vector<std::int32_t> ids(static_cast<std::size_t>(brokers));
  std::iota(ids.begin(), ids.end(), 1);
  const auto count = static_cast<std::size_t>(drawn_count(target, brokers));
  boost::random::mt19937_64 generator(seed);
  for (std::size_t i = 0; i < count; ++i) {  // the first `count` steps of a Fisher-Yates shuffle
    boost::random::uniform_int_distribution<std::size_t> pick(i, ids.size() - 1);
    std::swap(ids[i], ids[pick(generator)]);
  }
  ids.resize(count);
  std::sort(ids.begin(), ids.end());
  std::vector<NodeId> nodes;
  for (const auto id : ids) nodes.emplace_back(id);
  return nodes;
}

nanoseconds draw_up_to(nanoseconds most, std::uint64_t seed) {
  const auto steps = most / milliseconds(1);
  if (steps < 1) return nanoseconds{0};
  boost::random::mt19937_64 generator(seed);
  boost::random::uniform_int_distribution<std::int64_t> pick(0, steps - 1);
  return milliseconds(pick(generator));
}

}  // namespace seatrial::scenario
