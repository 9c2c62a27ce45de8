// Boost.Random rather than <random>: the standard leaves distributions to each library.
#include "statistics/change_points.hpp"

#include <algorithm>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/check.hpp"
#include "statistics/median.hpp"

namespace seatrial::statistics {
namespace {

struct Split {
  std::size_t index = 0;
  double energy = 0;
};

// A shuffle only adds the same distances up in another order; that must count as equally good.
constexpr double rounding = 1e-9;

// Sums of |x_i - x_j| over rectangles of pairs, each in constant time.
class Distances {
 public:
  explicit Distances(std::span<const double> values)
      : width_(values.size() + 1), sums_(width_ * width_, 0.0) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      double row = 0;
      for (std::size_t j = 0; j < values.size(); ++j) {
        row += std::abs(values[i] - values[j]);
        sums_[(i + 1) * width_ + j + 1] = sums_[i * width_ + j + 1] + row;
      }
    }
  }
  // Between the first `split` values and those from there up to `end`.
  [[nodiscard]] double between(std::size_t split, std::size_t end) const {
    return corner(split, end) - corner(split, split);
  }
  // Of all pairs within [from, to), each once.
  [[nodiscard]] double within(std::size_t from, std::size_t to) const {
    return (corner(to, to) - corner(from, to) - corner(to, from) + corner(from, from)) / 2;
  }

 private:
  [[nodiscard]] double corner(std::size_t i, std::size_t j) const { return sums_[i * width_ + j]; }

  std::size_t width_;
  std::vector<double> sums_;
};

double mean_within(const Distances& distances, std::size_t from, std::size_t to) {
  const auto n = static_cast<double>(to - from);
  return n < 2 ? 0 : distances.within(from, to) / (n * (n - 1) / 2);
}

// Of one segment, its index counted from the segment's beginning.
std::optional<Split> best_split(std::span<const double> segment, std::size_t least) {
  std::optional<Split> best;
  if (segment.size() < 2 * least) return best;
  const Distances distances(segment);
  for (std::size_t split = least; split + least <= segment.size(); ++split) {
    const double left = mean_within(distances, 0, split);
    for (std::size_t end = split + least; end <= segment.size(); ++end) {
      const auto n = static_cast<double>(split);
      const auto m = static_cast<double>(end - split);
      const double energy =
          n * m / (n + m) *
          (2 * distances.between(split, end) / (n * m) - left - mean_within(distances, split, end));
      if (!best || energy > best->energy) best = Split{split, energy};
    }
  }
  return best;
}

// Where segments begin, and the end of the last.
using Borders = std::vector<std::size_t>;

std::optional<Split> best_of_all(std::span<const double> series, const Borders& borders,
                                 std::size_t least) {
  std::optional<Split> best;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const auto found = best_split(series.subspan(borders[i], borders[i + 1] - borders[i]), least);
    if (found && (!best || found->energy > best->energy))
      best = Split{borders[i] + found->index, found->energy};
  }
  return best;
}

class Shuffler {
 public:
  explicit Shuffler(std::uint64_t seed) : engine_(seed) {}
  void shuffle(std::span<double> values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      boost::random::uniform_int_distribution<std::size_t> pick(0, i - 1);
      std::swap(values[i - 1], values[pick(engine_)]);
    }
  }

 private:
  boost::random::mt19937_64 engine_;
};

// Nothing if it is above what the rules admit; most splits that are none are given up early.
std::optional<double> p_of(std::span<const double> series, const Borders& borders,
                           const Split& split, const ChangePointRules& rules, Shuffler& shuffler) {
  std::vector<double> shuffled(series.begin(), series.end());
  const double of = 1.0 + rules.shuffles;
  int as_good = 1;
  for (int i = 0; i < rules.shuffles && as_good / of <= rules.max_p; ++i) {
    for (std::size_t s = 0; s + 1 < borders.size(); ++s)
      shuffler.shuffle(std::span(shuffled).subspan(borders[s], borders[s + 1] - borders[s]));
    const auto other = best_of_all(shuffled, borders, rules.least_piece);
    if (other && other->energy >= split.energy * (1 - rounding)) ++as_good;
  }
  if (as_good / of > rules.max_p) return std::nullopt;
  return as_good / of;
}

}  // namespace

std::vector<ChangePoint> change_points(std::span<const double> series,
                                       const ChangePointRules& rules) {
  check(rules.least_piece > 0, "a piece of a series holds at least one value");
  std::vector<ChangePoint> found;
  Borders borders{0, series.size()};
  Shuffler shuffler(rules.seed);
  while (const auto split = best_of_all(series, borders, rules.least_piece)) {
    const auto p = p_of(series, borders, *split, rules, shuffler);
    if (!p) break;
    borders.insert(std::ranges::upper_bound(borders, split->index), split->index);
    found.push_back({.index = split->index, .p = *p});
  }
  std::ranges::sort(found, {}, &ChangePoint::index);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::size_t from = borders[i], at = borders[i + 1], to = borders[i + 2];
    found[i].before = median(series.subspan(from, at - from));
    found[i].after = median(series.subspan(at, to - at));
  }
  return found;
}

}  // namespace seatrial::statistics
