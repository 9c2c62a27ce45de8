// Values by second that grow coarser, not longer. A series holds intervals, at first of one second
// each. When there are more than its capacity, neighbours are joined in pairs, and in pairs of
// pairs, until an eighth of the capacity is free again. From then on what comes later is joined to
// the same length, an eighth of the capacity at a time.
//
//   CoarseSeries<Counts> series({.capacity = 320});
//   series.edge(30);                          // what lies on both sides of it stays apart
//   series.at(17)->second.value.acked += 5;   // the interval that second 17 is in
//   series.coarsen([](Interval& into, const Interval& later) { into.value.add(later.value); });
//
// Only the newest `fresh` seconds never join. Intervals are blocks of a power of two seconds,
// counted from second 0 and cut at edges, so two series of the same seconds have the same
// intervals. Edges are kept for a quarter of the capacity, the first that were told; a series that
// is never full is as if it could not be. How values are added is the caller's; no clock is read.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace seatrial::measure {

struct Coarseness {
  std::size_t capacity = 320;
  std::int64_t fresh = 0;  // seconds; at most half of the capacity
};

template <class Value>
class CoarseSeries {
 public:
  struct Interval {
    std::int64_t first = 0;   // second
    std::int64_t length = 1;  // seconds
    Value value{};
  };
  using Intervals = std::map<std::int64_t, Interval>;  // by their first second

  explicit CoarseSeries(Coarseness coarseness = {}) : coarseness_(coarseness) {}

  // Nothing before that second is joined with anything from it on, unless it was before.
  void edge(std::int64_t second) {
    if (edges_.size() < coarseness_.capacity / 4) edges_.insert(second);
  }
  // The interval that holds the second; if there is none, one of that second alone.
  typename Intervals::iterator at(std::int64_t second) {
    auto after = intervals_.upper_bound(second);
    if (after != intervals_.begin()) {
      const auto before = std::prev(after);
      if (second - before->first < before->second.length) return before;
    }
    ++fresh_intervals_;
    return intervals_.emplace_hint(after, second, Interval{.first = second});
  }
  // As made elsewhere.
  void put(Interval interval) {
    ++fresh_intervals_;
    block_ = std::max(block_, std::int64_t(std::bit_ceil(std::uint64_t(interval.length))));
    intervals_.insert_or_assign(interval.first, std::move(interval));
  }

  [[nodiscard]] const Intervals& intervals() const { return intervals_; }
  [[nodiscard]] Intervals& intervals() { return intervals_; }
  // Whether there is anything to join.
  [[nodiscard]] bool full() const {
    return intervals_.size() > coarseness_.capacity ||
           (block_ > 1 && fresh_intervals_ > coarseness_.capacity / 8);
  }
  // The newest second that may be joined with others.
  [[nodiscard]] std::int64_t last_stale() const {
    return intervals_.empty() ? INT64_MIN : intervals_.rbegin()->first - coarseness_.fresh;
  }

  // If it is full: calls join(into, later) for neighbours, and forgets the later one of them.
  template <class Join>
  void coarsen(Join&& join) {
    if (!full()) return;
    fresh_intervals_ = 0;
    const std::size_t enough = coarseness_.capacity - coarseness_.capacity / 8;
    for (join_blocks(join); intervals_.size() > enough && block_ < longest; join_blocks(join))
      block_ *= 2;
  }
  // At the end: if any were joined, so are the newest.
  template <class Join>
  void close(Join&& join) {
    coarseness_.fresh = 0;
    if (block_ > 1) join_blocks(join);
  }

 private:
  static constexpr std::int64_t longest = std::int64_t{1} << 40;

  [[nodiscard]] std::int64_t block_of(std::int64_t second) const {
    return second / block_ - (second % block_ < 0 ? 1 : 0);
  }
  [[nodiscard]] bool joined(std::int64_t before, std::int64_t after) const {
    if (block_of(before) != block_of(after)) return false;
    const auto edge = edges_.upper_bound(before);
    return edge == edges_.end() || *edge > after;
  }
  template <class Join>
  void join_blocks(Join& join) {
    const std::int64_t last = last_stale();
    for (auto into = intervals_.begin(); into != intervals_.end();) {
      const auto later = std::next(into);
      if (later == intervals_.end() || later->first > last) return;
      if (!joined(into->first, later->first)) {
        into = later;
        continue;
      }
      join(into->second, later->second);
      into->second.length = later->first + later->second.length - into->first;
      intervals_.erase(later);
    }
  }

  Coarseness coarseness_;
  std::int64_t block_ = 1;
  std::size_t fresh_intervals_ = 0;  // since joining
  std::set<std::int64_t> edges_;
  Intervals intervals_;
};

}  // namespace seatrial::measure
