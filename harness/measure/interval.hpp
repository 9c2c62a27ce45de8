// The latencies of one interval as a lane records them: each sample is one increment of a 32-bit
// counter at full resolution (that of Histogram::latency()). Totals and the series by second are
// added up from it by whoever takes the interval over, away from the hot path.
//
//   interval.record(done_ns - intended_ns);
//   interval.add_to(total);                    // any histogram of the same range, fewer digits too
//   interval.clear();                          // keeps its memory, for the next interval
//
// Nothing is dropped unseen, as in Histogram: overflow and negative values have counters. A counter
// holds 4.29e9 samples; a lane's interval is a second. One owner at a time; only the octaves that
// were used take memory, and recording allocates when that window has to grow.
#pragma once

#include <cstdint>
#include <vector>

#include "measure/histogram.hpp"

namespace seatrial::measure {

class IntervalHistogram {
 public:
  void record(std::int64_t value) { record_n(value, 1); }
  void record_n(std::int64_t value, std::uint32_t times) {
    // One comparison rejects what is outside of the window, out of range, or negative.
    const std::uint64_t at = layout.index_of(value) - first_;
    if (at < size_) [[likely]] {
      counts_[at] += times;
    } else {
      record_outside(value, times);
    }
  }
  // Adds the samples to a histogram of latencies; its buckets are unions of these.
  void add_to(Histogram& sum) const;
  void clear();
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::uint64_t impossible() const { return impossible_; }

 private:
  static constexpr HistogramLayout layout = HistogramLayout::of(latency_config);
  static constexpr std::uint64_t counters = layout.counters(latency_config.highest);

  void record_outside(std::int64_t value, std::uint32_t times);

  // 64 bits wide, so that a store to a counter cannot alias them.
  std::uint64_t first_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint32_t> counts_;  // counters first_ to first_ + size_
  std::uint64_t overflow_ = 0;         // not in the counters
  std::uint64_t impossible_ = 0;
};

}  // namespace seatrial::measure
