// The arithmetic of the log-linear histogram; the layout of its counters is HistogramLayout's.
#include "measure/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.hpp"

namespace seatrial::measure {

namespace {

constexpr std::uint64_t samples_beyond_to_print = 10;
constexpr int curve_points_per_halving = 4;
constexpr std::size_t max_curve_points = 100;

}  // namespace

std::optional<Error> Histogram::problem(const HistogramConfig& config) {
  if (config.digits < 1 || config.digits > 5) {
    return Error{"a histogram keeps 1 to 5 digits, not " + std::to_string(config.digits), ""};
  }
  if (config.lowest < 1) {
    return Error{"a histogram's lowest value is at least 1, not " + std::to_string(config.lowest),
                 ""};
  }
  if (config.highest / 2 < config.lowest) {
    return Error{"a histogram's highest value is at least twice its lowest, not " +
                     std::to_string(config.highest) + " with " + std::to_string(config.lowest),
                 ""};
  }
  if (HistogramLayout::of(config).linear_bits > 62) {
    return Error{
        "a histogram's lowest value is too large for its digits: " + std::to_string(config.lowest),
        ""};
  }
  return std::nullopt;
}

Histogram::Histogram(const HistogramConfig& config, Storage storage) : config_(config) {
  if (const auto wrong = problem(config)) check(false, wrong->message);
  layout_ = HistogramLayout::of(config);
  counters_ = layout_.counters(config.highest);
  if (storage == Storage::whole) cover(0, counters_);
}

Histogram Histogram::latency() { return Histogram(latency_config); }

Histogram Histogram::coarse() { return Histogram(coarse_latency_config, Storage::window); }

void Histogram::cover(std::size_t begin, std::size_t end) {
  const std::size_t octave = std::size_t{1} << layout_.half_bits;
  begin = begin / octave * octave;
  end = std::min<std::size_t>((end + octave - 1) / octave * octave, counters_);
  if (size_ != 0) {
    begin = std::min<std::size_t>(begin, first_);
    end = std::max<std::size_t>(end, std::size_t{first_} + size_);
    if (begin == first_ && end - begin == size_) return;
  }
  std::vector<std::uint64_t> wider(end - begin);
  std::copy(counts_.begin(), counts_.end(),
            wider.begin() + static_cast<std::ptrdiff_t>(size_ == 0 ? 0 : first_ - begin));
  counts_ = std::move(wider);
  first_ = static_cast<std::uint32_t>(begin);
  size_ = static_cast<std::uint32_t>(end - begin);
}

void Histogram::record_n(std::int64_t value, std::uint64_t times) {
  const std::uint64_t at = layout_.index_of(value) - first_;
  if (at < size_) {
    counts_[at] += times;
  } else if (times != 0) {
    record_outside(value, times);
  }
}

void Histogram::record_outside(std::int64_t value, std::uint64_t times) {
  if (value < 0) {
    impossible_ += times;
    return;
  }
  std::uint64_t index = layout_.index_of(value);
  if (index >= counters_) {
    overflow_ += times;
    index = counters_ - 1;  // so that percentiles are too low by as little as the range allows
  }
  add_at(index, times);
}

void Histogram::add_at(std::size_t index, std::uint64_t times) {
  check(index < counters_, "a histogram's counter index is within its configuration");
  cover(index, index + 1);
  counts_[index - first_] += times;
}

void Histogram::add(const Histogram& other) {
  check(config_ == other.config_, "only histograms of one configuration are added");
  overflow_ += other.overflow_;
  impossible_ += other.impossible_;
  if (other.size_ == 0) return;
  cover(other.first_, std::size_t{other.first_} + other.size_);
  const std::size_t shift = other.first_ - first_;
  for (std::size_t i = 0; i < other.size_; ++i) counts_[shift + i] += other.counts_[i];
}

std::size_t Histogram::memory_bytes() const {
  return sizeof(*this) + counts_.capacity() * sizeof(counts_[0]);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const std::uint64_t n : counts_) total += n;
  return total;
}

Histogram::Bucket Histogram::bucket_at(std::size_t index, std::uint64_t count) const {
  const std::int64_t lowest = layout_.lowest_of(index);
  return {.index = index,
          .lowest = lowest,
          .highest = lowest + static_cast<std::int64_t>(layout_.width_of(index)) - 1,
          .count = count};
}

Histogram::Bucket Histogram::bucket_of(std::int64_t value) const {
  const std::uint64_t index = layout_.index_of(value);
  check(index < counters_, "the value lies within the histogram's range");
  const std::uint64_t at = index - first_;
  return bucket_at(index, at < size_ ? counts_[at] : 0);
}

std::int64_t Histogram::min() const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (counts_[i] != 0) return bucket_at(first_ + i, 0).lowest;
  }
  return 0;
}

std::int64_t Histogram::max() const {
  for (std::size_t i = size_; i > 0; --i) {
    if (counts_[i - 1] != 0) return bucket_at(first_ + i - 1, 0).highest;
  }
  return 0;
}

double Histogram::mean() const {
  double sum = 0;
  double total = 0;
  for_each_bucket([&](const Bucket& bucket) {
    const std::int64_t half = (bucket.highest - bucket.lowest + 1) / 2;
    sum += static_cast<double>(bucket.lowest + half) * static_cast<double>(bucket.count);
    total += static_cast<double>(bucket.count);
  });
  return total == 0 ? 0 : sum / total;
}

// The smallest rank, from 1, that at least `percentile` percent of the samples do not exceed. The
// step to the next smaller double undoes the rounding that makes 99.9 % of 41000 more than 40959.
std::uint64_t Histogram::rank_of(double percentile, std::uint64_t count) const {
  const double lower = std::nextafter(percentile, -std::numeric_limits<double>::infinity());
  const double share = std::clamp(lower, 0.0, 100.0);
  const double rank = std::ceil(share * static_cast<double>(count) / 100.0);
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1,
                                   std::max<std::uint64_t>(count, 1));
}

std::int64_t Histogram::value_at(double percentile) const {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  if (percentile <= 0) return min();
  const std::uint64_t rank = rank_of(percentile, total);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    seen += counts_[i];
    if (seen >= rank) return bucket_at(first_ + i, 0).highest;
  }
  return max();
}

bool Histogram::percentile_printable(double percentile) const {
  const std::uint64_t total = count();
  return total != 0 && total - rank_of(percentile, total) >= samples_beyond_to_print;
}

std::vector<CurvePoint> Histogram::curve() const {
  std::vector<CurvePoint> points;
  double from = 0;
  double left = 100;
  while (points.size() < max_curve_points) {
    for (int i = 0; i < curve_points_per_halving; ++i) {
      const double percentile = from + left / 2 * i / curve_points_per_halving;
      if (points.size() == max_curve_points || !percentile_printable(percentile)) return points;
      points.push_back({.percentile = percentile, .value = value_at(percentile)});
    }
    left /= 2;
    from = 100 - left;
  }
  return points;
}

bool operator==(const Histogram& a, const Histogram& b) {
  if (a.config_ != b.config_ || a.overflow_ != b.overflow_ || a.impossible_ != b.impossible_) {
    return false;
  }
  const auto at = [](const Histogram& h, std::size_t index) -> std::uint64_t {
    const std::size_t i = index - h.first_;  // wraps when below the window, and so is beyond size_
    return i < h.size_ ? h.counts_[i] : 0;
  };
  const std::size_t end = std::max(a.first_ + a.size_, b.first_ + b.size_);
  for (std::size_t i = std::min(a.first_, b.first_); i < end; ++i) {
    if (at(a, i) != at(b, i)) return false;
  }
  return true;
}

}  // namespace seatrial::measure
