// Log-linear (HDR) histogram of nanoseconds: every value is kept to `digits` significant digits
// from `lowest` to `highest`, in a fixed number of counters. Recording is one increment; count,
// minimum, maximum and mean are derived from the counters when somebody asks.
//
//   Histogram h = Histogram::latency();
//   h.record(done_ns - intended_ns);
//   if (h.percentile_printable(99)) print(h.value_at(99));
//
// Counters are laid out as HdrHistogram's, so hlog.hpp can write them for its tools. Nothing is
// dropped unseen: a value above the range counts in the last bucket *and* in overflow(); a negative
// value is a defect of the caller, kept out of the counters and counted in impossible().
// One writer; not thread-safe. Does not encode (hlog.hpp) nor split by second (recorder.hpp).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.hpp"

namespace seatrial::measure {

struct HistogramConfig {
  std::int64_t lowest = 1;      // smallest value told apart from 0; at least 1
  std::int64_t highest = 2;     // at least 2 * lowest; the range goes on to the end of its bucket
  int digits = 3;               // 1 to 5
  friend bool operator==(const HistogramConfig&, const HistogramConfig&) = default;
};

struct CurvePoint {
  double percentile = 0;  // 0 to 100
  std::int64_t value = 0;
  friend bool operator==(const CurvePoint&, const CurvePoint&) = default;
};

class Histogram {
 public:
  // whole: all counters at once, so that recording never allocates. window: only the octaves that
  // were used, a few KB for a second of one lane; recording allocates when the window has to grow.
  enum class Storage { whole, window };

  // What is wrong with a configuration, or nothing.
  static std::optional<Error> problem(const HistogramConfig& config);
  explicit Histogram(const HistogramConfig& config, Storage storage = Storage::whole);

  static Histogram latency();  // 1 us to 1 h, 3 digits, whole: 24,576 counters
  static Histogram coarse();   // the same range, 2 digits, window: for series by second

  void record(std::int64_t value) {
    // One comparison rejects what is below the window, above it, out of range, or negative: as
    // unsigned numbers all of them are too large.
    const std::uint64_t at = index_of(value) - first_;
    if (at < size_) [[likely]] {
      ++counts_[at];
    } else {
      record_outside(value, 1);
    }
  }
  void record_n(std::int64_t value, std::uint64_t times);
  void add(const Histogram& other);                    // identical configuration only
  void add_at(std::size_t index, std::uint64_t times);  // by counter, for decoders

  [[nodiscard]] const HistogramConfig& config() const { return config_; }
  [[nodiscard]] std::size_t counters() const { return counters_; }  // as configured, in use or not
  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] std::uint64_t count() const;       // samples in the counters, overflow included
  [[nodiscard]] bool empty() const { return count() == 0; }
  [[nodiscard]] std::uint64_t overflow() const { return overflow_; }
  [[nodiscard]] std::uint64_t impossible() const { return impossible_; }

  // All 0 for an empty histogram. Values are those of HdrHistogram: a bucket's lowest for min, its
  // highest for max and percentiles, its middle for the mean.
  [[nodiscard]] std::int64_t min() const;
  [[nodiscard]] std::int64_t max() const;
  [[nodiscard]] double mean() const;
  [[nodiscard]] std::int64_t value_at(double percentile) const;
  // Whether at least 10 samples lie beyond the percentile; otherwise it must not be printed.
  [[nodiscard]] bool percentile_printable(double percentile) const;
  // For a chart on 1 / (1 - p): four points for each halving of what is left, ascending, printable
  // percentiles only, at most 100 points. Empty if not even one is printable.
  [[nodiscard]] std::vector<CurvePoint> curve() const;

  struct Bucket {
    std::size_t index = 0;
    std::int64_t lowest = 0;   // the values lowest to highest, both included, share this counter
    std::int64_t highest = 0;
    std::uint64_t count = 0;
  };
  // The lowest of the values that share the bucket of `value`, which is not negative but may lie
  // beyond the range.
  [[nodiscard]] std::int64_t floor_of(std::int64_t value) const {
    const auto v = static_cast<std::uint64_t>(value);
    const unsigned e = static_cast<unsigned>(std::bit_width(v | linear_mask_)) - linear_bits_;
    return static_cast<std::int64_t>(v >> (e + unit_bits_) << (e + unit_bits_));
  }
  [[nodiscard]] Bucket bucket_of(std::int64_t value) const;  // value from 0 to the end of the range

  // Non-empty buckets in ascending order.
  template <class Visitor>
  void for_each_bucket(Visitor&& visit) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (counts_[i] != 0) visit(bucket_at(first_ + i, counts_[i]));
    }
  }

  // Same configuration and same counters; how they are stored does not matter.
  friend bool operator==(const Histogram& a, const Histogram& b);

 private:
  // e is 0 in the linear part and grows by one with each octave above it.
  [[nodiscard]] std::uint64_t index_of(std::int64_t value) const {
    const auto v = static_cast<std::uint64_t>(value);
    const unsigned e = static_cast<unsigned>(std::bit_width(v | linear_mask_)) - linear_bits_;
    return (std::uint64_t{e} << half_bits_) + (v >> (e + unit_bits_));
  }
  [[nodiscard]] Bucket bucket_at(std::size_t index, std::uint64_t count) const;
  [[nodiscard]] std::uint64_t rank_of(double percentile, std::uint64_t count) const;
  void record_outside(std::int64_t value, std::uint64_t times);
  void cover(std::size_t begin, std::size_t end);  // makes the window hold [begin, end), by octaves

  // The narrow types are on purpose: a store to a 64-bit counter cannot alias them, so a loop over
  // record() keeps them in registers.
  std::vector<std::uint64_t> counts_;  // counters first_ to first_ + size_
  std::uint32_t first_ = 0;
  std::uint32_t size_ = 0;
  std::uint32_t counters_ = 0;
  unsigned unit_bits_ = 0;    // log2 of the width of a bucket in the linear part
  unsigned half_bits_ = 0;    // log2 of the buckets in an octave
  unsigned linear_bits_ = 0;  // log2 of where the linear part ends
  std::uint64_t linear_mask_ = 0;
  std::uint64_t overflow_ = 0;
  std::uint64_t impossible_ = 0;
  HistogramConfig config_;
};

}  // namespace seatrial::measure
