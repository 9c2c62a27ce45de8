// A set of 64-bit numbers kept as disjoint half-open intervals in order: memory grows with gaps,
// not with members. Appending at the end is O(1); elsewhere O(log n) to find and O(n) to shift.
// Single-threaded. The largest 64-bit number cannot be a member: it would have no end.
#pragma once

#include <cstdint>
#include <vector>

namespace seatrial {

class IntervalSet {
 public:
  struct Interval {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;  // one past the last
    friend bool operator==(const Interval&, const Interval&) = default;
  };

  bool insert(std::uint64_t value);                     // false if it was there
  void insert(std::uint64_t begin, std::uint64_t end);  // the half-open range; overlaps are fine
  void erase(std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] bool contains(std::uint64_t value) const;
  [[nodiscard]] std::uint64_t count() const;  // members, not intervals
  [[nodiscard]] bool empty() const { return intervals_.empty(); }
  [[nodiscard]] const std::vector<Interval>& intervals() const { return intervals_; }
  [[nodiscard]] IntervalSet minus(const IntervalSet& other) const;
  [[nodiscard]] IntervalSet intersect(const IntervalSet& other) const;
  friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

 private:
  std::vector<Interval> intervals_;  // disjoint, not touching, ascending
};

}  // namespace seatrial
