// Growing the window by whole octaves, and handing the counters on.
#include "measure/interval.hpp"

#include <algorithm>
#include <limits>

namespace seatrial::measure {

void IntervalHistogram::record_outside(std::int64_t value, std::uint32_t times) {
  if (value < 0) {
    impossible_ += times;
    return;
  }
  const std::uint64_t index = layout.index_of(value);
  if (index >= counters) {
    overflow_ += times;
    return;
  }
  constexpr std::uint64_t octave = std::uint64_t{1} << layout.half_bits;
  std::uint64_t begin = index / octave * octave;
  std::uint64_t end = begin + octave;
  if (size_ != 0) {
    begin = std::min(begin, first_);
    end = std::max(end, first_ + size_);
  }
  std::vector<std::uint32_t> wider(end - begin);
  std::copy(counts_.begin(), counts_.end(),
            wider.begin() + static_cast<std::ptrdiff_t>(size_ == 0 ? 0 : first_ - begin));
  counts_ = std::move(wider);
  first_ = begin;
  size_ = end - begin;
  counts_[index - first_] += times;
}

void IntervalHistogram::add_to(Histogram& sum) const {
  const bool same = sum.config() == latency_config;
  for (std::uint64_t i = 0; i < size_; ++i) {
    if (counts_[i] == 0) continue;
    if (same) {
      sum.add_at(first_ + i, counts_[i]);
    } else {
      sum.record_n(layout.lowest_of(first_ + i), counts_[i]);
    }
  }
  sum.record_n(std::numeric_limits<std::int64_t>::max(), overflow_);
  sum.record_n(-1, impossible_);
}

void IntervalHistogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0U);
  overflow_ = 0;
  impossible_ = 0;
}

bool IntervalHistogram::empty() const {
  return overflow_ == 0 && impossible_ == 0 &&
         std::all_of(counts_.begin(), counts_.end(), [](std::uint32_t n) { return n == 0; });
}

}  // namespace seatrial::measure
