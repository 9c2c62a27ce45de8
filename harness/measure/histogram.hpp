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
  std::int64_t lowest = 1;   // smallest value told apart from 0; at least 1
  std::int64_t highest = 2;  // at least 2 * lowest; the range goes on to the end of its bucket
  int digits = 3;            // 1 to 5
  friend bool operator==(const HistogramConfig&, const HistogramConfig&) = default;
};

// Which counter a value falls into. The first two octaves are linear: buckets of 2^unit_bits; each
// octave above has 2^half_bits buckets, twice as wide as those before.
struct HistogramLayout {
  unsigned unit_bits = 0;
  unsigned half_bits = 0;
  unsigned linear_bits = 0;       // log2 of where the linear part ends
  std::uint64_t linear_mask = 0;  // of what the linear part tells apart

  // An octave has to hold 10^digits buckets of equal width, so that one bucket is at most
  // 10^-digits of any value in it; the linear part holds two octaves' worth.
  [[nodiscard]] static constexpr HistogramLayout of(const HistogramConfig& config) {
    std::uint64_t needed = 2;
    for (int i = 0; i < config.digits; ++i) needed *= 10;
    HistogramLayout out;
    out.unit_bits =
        static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(config.lowest)) - 1);
    out.half_bits = static_cast<unsigned>(std::bit_width(needed - 1) - 1);
    out.linear_bits = out.unit_bits + out.half_bits + 1;
    out.linear_mask = ((std::uint64_t{2} << out.half_bits) - 1) << out.unit_bits;
    return out;
  }
  // e is 0 in the linear part and grows by one with each octave above it. A negative value gives an
  // index beyond that of any other.
  [[nodiscard]] constexpr std::uint64_t index_of(std::int64_t value) const {
    const auto v = static_cast<std::uint64_t>(value);
    const unsigned e = static_cast<unsigned>(std::bit_width(v | linear_mask)) - linear_bits;
    return (std::uint64_t{e} << half_bits) + (v >> (e + unit_bits));
  }
  [[nodiscard]] constexpr std::uint64_t width_of(std::uint64_t index) const {  // of a bucket
    const std::uint64_t octave = index >> half_bits;
    return std::uint64_t{1} << ((octave < 2 ? 0 : octave - 1) + unit_bits);
  }
  [[nodiscard]] constexpr std::int64_t lowest_of(std::uint64_t index) const {
    const std::uint64_t octave = index >> half_bits;
    const std::uint64_t e = octave < 2 ? 0 : octave - 1;  // octaves 0 and 1 are the linear part
    return static_cast<std::int64_t>((index - (e << half_bits)) * width_of(index));
  }
  // All counters up to the end of the octave of `highest`.
  [[nodiscard]] constexpr std::uint32_t counters(std::int64_t highest) const {
    const std::uint64_t octave = index_of(highest) >> half_bits;
    return static_cast<std::uint32_t>((octave + 1 < 2 ? 2 : octave + 1) << half_bits);
  }
};

// Of latencies: 1 us to 1 h. As many digits as total figures have, and series by second.
inline constexpr HistogramConfig latency_config{
    .lowest = 1000, .highest = 3'600'000'000'000, .digits = 3};
inline constexpr HistogramConfig coarse_latency_config{
    .lowest = 1000, .highest = 3'600'000'000'000, .digits = 2};

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
    const std::uint64_t at = layout_.index_of(value) - first_;
    if (at < size_) [[likely]] {
      ++counts_[at];
    } else {
      record_outside(value, 1);
    }
  }
  void record_n(std::int64_t value, std::uint64_t times);
  void add(const Histogram& other);                     // identical configuration only
  void add_at(std::size_t index, std::uint64_t times);  // by counter, for decoders

  [[nodiscard]] const HistogramConfig& config() const { return config_; }
  [[nodiscard]] std::size_t counters() const { return counters_; }  // as configured, in use or not
  [[nodiscard]] std::size_t memory_bytes() const;
  [[nodiscard]] std::uint64_t count() const;  // samples in the counters, overflow included
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
    std::int64_t lowest = 0;  // the values lowest to highest, both included, share this counter
    std::int64_t highest = 0;
    std::uint64_t count = 0;
  };
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
  HistogramLayout layout_;
  std::uint64_t overflow_ = 0;
  std::uint64_t impossible_ = 0;
  HistogramConfig config_;
};

}  // namespace seatrial::measure
