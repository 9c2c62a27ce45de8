// The distribution of W by dynamic programming: a further rank is added to half of all patterns.
#include "statistics/signed_rank.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace seatrial::statistics {
namespace {

using Probabilities = std::vector<double>;  // by value, from 0 on

constexpr std::size_t kept_sizes = 64;

Probabilities with_rank(const Probabilities& of_others, std::size_t rank) {
  Probabilities sum(of_others.size() + rank, 0.0);
  for (std::size_t i = 0; i < of_others.size(); ++i) {
    sum[i] += of_others[i] / 2;
    sum[i + rank] += of_others[i] / 2;
  }
  return sum;
}

Probabilities cumulative(const Probabilities& each) {
  Probabilities sums(each.size());
  std::partial_sum(each.begin(), each.end(), sums.begin());
  return sums;
}

Probabilities computed(std::size_t n) {
  Probabilities each{1.0};
  for (std::size_t rank = 1; rank <= n; ++rank) each = with_rank(each, rank);
  return cumulative(each);
}

// A gate asks for the same few sizes again and again: all tables together cost less than one gate.
const std::vector<Probabilities>& kept() {
  static const std::vector<Probabilities> tables = [] {
    std::vector<Probabilities> made;
    Probabilities each{1.0};
    for (std::size_t n = 0; n <= kept_sizes; ++n) {
      if (n > 0) each = with_rank(each, n);
      made.push_back(cumulative(each));
    }
    return made;
  }();
  return tables;
}

double tail_of(const Probabilities& sums, std::size_t w) { return w < sums.size() ? sums[w] : 1.0; }

// Differences from the bound, by size, without what equals it.
std::vector<double> ordered(std::span<const double> values, double bound) {
  std::vector<double> differences;
  differences.reserve(values.size());
  for (const double value : values) {
    if (value != bound) differences.push_back(value - bound);
  }
  std::ranges::sort(differences, {}, [](double d) { return std::abs(d); });
  return differences;
}

// Twice the mean rank of each: whole numbers.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& by_size) {
  std::vector<std::size_t> ranks(by_size.size());
  for (std::size_t from = 0, to = 0; from < by_size.size(); from = to) {
    while (to < by_size.size() && std::abs(by_size[to]) == std::abs(by_size[from])) ++to;
    std::fill(ranks.begin() + static_cast<std::ptrdiff_t>(from),
              ranks.begin() + static_cast<std::ptrdiff_t>(to), from + 1 + to);
  }
  return ranks;
}

bool tied(const std::vector<std::size_t>& doubled) {
  return std::ranges::adjacent_find(doubled) != doubled.end();
}

// P(W <= w) of these ranks and sums, both doubled.
double at_most_with_ties(const std::vector<std::size_t>& doubled, std::size_t w) {
  Probabilities each{1.0};
  for (const std::size_t rank : doubled) each = with_rank(each, rank);
  return tail_of(cumulative(each), w);
}

enum class Side { above, below };

// The chance that the sum of the ranks on the other side is as small as it is, or smaller.
double p_value(std::span<const double> values, double bound, Side side) {
  const std::vector<double> differences = ordered(values, bound);
  const std::vector<std::size_t> doubled = doubled_ranks(differences);
  std::size_t against = 0;
  for (std::size_t i = 0; i < doubled.size(); ++i) {
    if ((differences[i] < 0) == (side == Side::above)) against += doubled[i];
  }
  if (tied(doubled)) return at_most_with_ties(doubled, against);
  return signed_rank_at_most(differences.size(), against / 2);
}

}  // namespace

double p_above(std::span<const double> values, double bound) {
  return p_value(values, bound, Side::above);
}

double p_below(std::span<const double> values, double bound) {
  return p_value(values, bound, Side::below);
}

double signed_rank_at_most(std::size_t n, std::size_t w) {
  return n <= kept_sizes ? tail_of(kept()[n], w) : tail_of(computed(n), w);
}

std::size_t signed_rank_tail(std::size_t n, double probability) {
  const auto count = [probability](const Probabilities& sums) {
    return static_cast<std::size_t>(std::ranges::upper_bound(sums, probability) - sums.begin());
  };
  return n <= kept_sizes ? count(kept()[n]) : count(computed(n));
}

}  // namespace seatrial::statistics
