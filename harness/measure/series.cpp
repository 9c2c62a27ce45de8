// Adding seconds up, and joining them.
#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "measure/recorder.hpp"

namespace seatrial::measure {
namespace {

using Interval = CoarseSeries<LoadDelta>::Interval;

// An interval that is longer holds outliers only: times that a damaged message told.
constexpr std::int64_t longest_told_by_second = 1 << 20;

Extremes extremes_of(const Interval& interval, Extremes LoadDelta::*of,
                     std::uint64_t SecondCounts::*count) {
  if (interval.length > 1) return interval.value.*of;
  return {.least = interval.value.*count, .most = interval.value.*count};
}

// Where a second lies between the two of which nothing was told, nothing happened in it.
void join_extremes(Interval& into, const Interval& later, Extremes LoadDelta::*of,
                   std::uint64_t SecondCounts::*count) {
  const Extremes a = extremes_of(into, of, count), b = extremes_of(later, of, count);
  const bool gap = into.first + into.length < later.first;
  into.value.*
      of = {.least = gap ? 0 : std::min(a.least, b.least), .most = std::max(a.most, b.most)};
}

std::vector<std::uint32_t> acked_each(const Interval& interval) {
  if (interval.length > 1) return interval.value.acked_each;
  return {static_cast<std::uint32_t>(interval.value.acked)};
}

void join_acked(Interval& into, const Interval& later) {
  std::vector<std::uint32_t> all = acked_each(into);
  const std::vector<std::uint32_t> rest = acked_each(later);
  const std::int64_t length = later.first + later.length - into.first;
  const bool told = !all.empty() && !rest.empty() && length <= longest_told_by_second;
  all.resize(told ? static_cast<std::size_t>(later.first - into.first) : 0);
  if (told) all.insert(all.end(), rest.begin(), rest.end());
  into.value.acked_each = std::move(all);
}

void join(Interval& into, const Interval& later) {
  join_extremes(into, later, &LoadDelta::acks_arrived, &SecondCounts::done_acked);
  join_extremes(into, later, &LoadDelta::deliveries_arrived, &SecondCounts::done_consumed);
  join_acked(into, later);
  into.value.add(later.value);
}

// Of an interval, how many seconds are wanted.
std::int64_t wanted_of(const Interval& interval, const Series::Include& include) {
  if (interval.length > longest_told_by_second) return 1;  // nobody knows
  std::int64_t wanted = 0;
  for (std::int64_t i = 0; i < interval.length; ++i) wanted += include(interval.first + i) ? 1 : 0;
  return wanted;
}

}  // namespace

void Series::add(SecondDelta delta) {
  const std::int64_t second = delta.second;
  if (settled_until_ && second <= *settled_until_) {
    late_.emplace_back();
    late_.back().second = second;
    late_.back().add(delta);
  }
  Interval& interval = intervals_.at(second)->second;
  changed_.insert(interval.first);
  interval.value.second = interval.first;
  const auto at = static_cast<std::size_t>(second - interval.first);
  if (at < interval.value.acked_each.size())
    interval.value.acked_each[at] += static_cast<std::uint32_t>(delta.acked);
  interval.value.add(delta);
}

void Series::settle_until(std::int64_t last, const Settled& settled) {
  for (const SecondDelta& delta : std::exchange(late_, {})) settled(delta);
  const auto& all = intervals_.intervals();
  for (auto at = settled_until_ ? all.upper_bound(*settled_until_) : all.begin();
       at != all.end() && at->first <= last; ++at) {
    settled(at->second.value);
  }
  settled_until_ = std::max(last, settled_until_.value_or(last));
}

void Series::coarsen(const Settled& settled) {
  if (!settled_until_ && !intervals_.full()) return;
  settle_until(intervals_.last_stale(), settled);
  intervals_.coarsen([this](Interval& into, const Interval& later) { join_two(into, later); });
}

void Series::close(const Settled& settled) {
  settle_until(std::numeric_limits<std::int64_t>::max(), settled);
  intervals_.close([this](Interval& into, const Interval& later) { join_two(into, later); });
}

void Series::join_two(Interval& into, const Interval& later) {
  join(into, later);
  changed_.insert(into.first);
  changed_.erase(later.first);
}

std::vector<std::int64_t> Series::take_changed() {
  const std::set<std::int64_t> changed = std::exchange(changed_, {});
  return {changed.begin(), changed.end()};
}

Series::Merged Series::merged(Metric metric, const Include& include) const {
  Merged out{.histogram = Histogram::coarse(), .acked = 0, .cut = {}};
  for (const auto& [first, interval] : intervals_.intervals()) {
    const std::int64_t wanted = wanted_of(interval, include);
    if (wanted == 0) continue;
    const Histogram* const part = interval.value.of(metric);
    if (wanted == interval.length) {
      if (part != nullptr) out.histogram.add(*part);
      out.acked += interval.value.acked;
      continue;
    }
    out.cut.push_back(first);
    const auto& each = interval.value.acked_each;
    out.acked_known = out.acked_known && !each.empty();
    for (std::size_t i = 0; i < each.size(); ++i)
      out.acked += include(first + static_cast<std::int64_t>(i)) ? each[i] : 0;
  }
  return out;
}

}  // namespace seatrial::measure
