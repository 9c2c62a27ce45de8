// Strong ids: a node is not a partition, a sequence is not an offset. No arithmetic; unwrap with
// `.value` at the borders (C API, JSON, wire).
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>

namespace seatrial {

template <class Tag, std::integral Rep>
struct Id {
  Rep value{};
  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  friend constexpr auto operator<=>(Id, Id) = default;
};

using NodeId = Id<struct NodeTag, std::int32_t>;   // a broker or controller, as in node.id
using LaneId = Id<struct LaneTag, std::uint32_t>;  // dense within a trial, over all workloads
using StreamId =
    Id<struct StreamTag, std::uint32_t>;       // (lane, partition); dense within a trial, 24 bits
using Seq = Id<struct SeqTag, std::uint64_t>;  // dense within a stream, from 0; 40 bits

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

[[nodiscard]] inline std::string to_string(const TopicPartition& tp) {
  return tp.topic + "/" + std::to_string(tp.partition);
}

}  // namespace seatrial

template <class Tag, std::integral Rep>
struct std::hash<seatrial::Id<Tag, Rep>> {
  std::size_t operator()(seatrial::Id<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
