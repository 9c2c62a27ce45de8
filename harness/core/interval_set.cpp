// The interval set: the end of the list is the fast path, everything else is a binary search.
#include "core/interval_set.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

#include "core/check.hpp"

namespace seatrial {
namespace {

using Interval = IntervalSet::Interval;

// The first interval that ends after `value`: it holds the value, or lies wholly above it.
template <class Intervals>
auto first_ending_after(Intervals& intervals, std::uint64_t value) {
  return std::upper_bound(intervals.begin(), intervals.end(), value,
                          [](std::uint64_t v, const Interval& i) { return v < i.end; });
}

// The first interval that begins at or after `value`.
template <class Iterator>
Iterator first_beginning_at(Iterator from, Iterator to, std::uint64_t value) {
  return std::lower_bound(from, to, value,
                          [](const Interval& i, std::uint64_t v) { return i.begin < v; });
}

}  // namespace

bool IntervalSet::insert(std::uint64_t value) {
  check(value != std::numeric_limits<std::uint64_t>::max(), "IntervalSet: the largest number");
  if (intervals_.empty() || value > intervals_.back().end) {
    intervals_.push_back({value, value + 1});
    return true;
  }
  if (value == intervals_.back().end) {
    ++intervals_.back().end;
    return true;
  }
  const auto above = first_ending_after(intervals_, value);
  if (above->begin <= value) return false;
  const bool joins_above = above->begin == value + 1;
  const bool joins_below = above != intervals_.begin() && std::prev(above)->end == value;
  if (joins_below && joins_above) {
    std::prev(above)->end = above->end;
    intervals_.erase(above);
  } else if (joins_below) {
    ++std::prev(above)->end;
  } else if (joins_above) {
    --above->begin;
  } else {
    intervals_.insert(above, {value, value + 1});
  }
  return true;
}

void IntervalSet::insert(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return;
  if (intervals_.empty() || begin > intervals_.back().end) {
    intervals_.push_back({begin, end});
    return;
  }
  // All intervals that overlap the range or touch it become one.
  const auto from = begin == 0 ? intervals_.begin() : first_ending_after(intervals_, begin - 1);
  const auto to = std::upper_bound(from, intervals_.end(), end,
                                   [](std::uint64_t v, const Interval& i) { return v < i.begin; });
  if (from == to) {
    intervals_.insert(from, {begin, end});
    return;
  }
  from->begin = std::min(from->begin, begin);
  from->end = std::max(std::prev(to)->end, end);
  intervals_.erase(std::next(from), to);
}

void IntervalSet::erase(std::uint64_t begin, std::uint64_t end) {
  if (begin >= end) return;
  const auto from = first_ending_after(intervals_, begin);
  const auto to = first_beginning_at(from, intervals_.end(), end);
  if (from == to) return;
  Interval kept[2];
  int count = 0;
  if (from->begin < begin) kept[count++] = {from->begin, begin};
  if (std::prev(to)->end > end) kept[count++] = {end, std::prev(to)->end};
  const auto at = intervals_.erase(from, to);
  intervals_.insert(at, kept, kept + count);
}

bool IntervalSet::contains(std::uint64_t value) const {
  const auto at = first_ending_after(intervals_, value);
  return at != intervals_.end() && at->begin <= value;
}

std::uint64_t IntervalSet::count() const {
  std::uint64_t members = 0;
  for (const Interval& i : intervals_) members += i.end - i.begin;
  return members;
}

IntervalSet IntervalSet::minus(const IntervalSet& other) const {
  IntervalSet out;
  auto cut = other.intervals_.begin();
  for (const Interval& i : intervals_) {
    while (cut != other.intervals_.end() && cut->end <= i.begin) ++cut;
    std::uint64_t from = i.begin;
    for (auto c = cut; c != other.intervals_.end() && c->begin < i.end; ++c) {
      if (from < c->begin) out.intervals_.push_back({from, c->begin});
      from = c->end;
    }
    if (from < i.end) out.intervals_.push_back({from, i.end});
  }
  return out;
}

IntervalSet IntervalSet::intersect(const IntervalSet& other) const {
  IntervalSet out;
  auto a = intervals_.begin();
  auto b = other.intervals_.begin();
  while (a != intervals_.end() && b != other.intervals_.end()) {
    const std::uint64_t from = std::max(a->begin, b->begin);
    const std::uint64_t to = std::min(a->end, b->end);
    if (from < to) out.intervals_.push_back({from, to});
    if (a->end < b->end) {
      ++a;
    } else {
      ++b;
    }
  }
  return out;
}

}  // namespace seatrial
