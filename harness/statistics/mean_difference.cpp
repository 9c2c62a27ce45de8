// Welch's t with Satterthwaite's degrees of freedom; the tail of Student's t by Boost.Math.
#include "statistics/mean_difference.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace seatrial::statistics {
namespace {

struct Moments {
  double n = 0;
  double mean = 0;
  double variance_of_mean = 0;
};

Moments moments(std::span<const double> values) {
  Moments found{.n = static_cast<double>(values.size())};
  if (values.empty()) return found;
  found.mean = std::accumulate(values.begin(), values.end(), 0.0) / found.n;
  double squares = 0;
  for (const double value : values) squares += (value - found.mean) * (value - found.mean);
  if (values.size() > 1) found.variance_of_mean = squares / (found.n - 1) / found.n;
  return found;
}

}  // namespace

MeanDifference mean_difference(std::span<const double> first, std::span<const double> second) {
  const Moments a = moments(first);
  const Moments b = moments(second);
  MeanDifference difference{.value = b.mean - a.mean};
  if (first.size() < 2 || second.size() < 2) return difference;
  const double variance = a.variance_of_mean + b.variance_of_mean;
  if (variance == 0) {
    difference.p = difference.value == 0 ? 1 : 0;
    return difference;
  }
  const auto part = [](const Moments& m) {
    return m.variance_of_mean * m.variance_of_mean / (m.n - 1);
  };
  const boost::math::students_t t(variance * variance / (part(a) + part(b)));
  const double size = std::abs(difference.value) / std::sqrt(variance);
  difference.p = 2 * boost::math::cdf(boost::math::complement(t, size));
  return difference;
}

}  // namespace seatrial::statistics
