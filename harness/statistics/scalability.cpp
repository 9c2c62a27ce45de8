// Levenberg and Marquardt's least squares over those parameters that are not at their bounds.
#include "statistics/scalability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <limits>

namespace seatrial::statistics {
namespace {

using Points = std::span<const ScalePoint>;
using Vector = std::array<double, 3>;  // lambda, sigma, kappa
using Matrix = std::array<Vector, 3>;
using Free = std::array<bool, 3>;  // not held at 0

constexpr std::size_t parameters = 3;
constexpr int most_steps = 300;
constexpr double furthest = 2;  // times the largest N

Coefficients coefficients(const Vector& of) { return {of[0], of[1], of[2]}; }

double divisor(const Vector& at, double n) { return 1 + at[1] * (n - 1) + at[2] * n * (n - 1); }

double squares(Points points, const Vector& at) {
  double sum = 0;
  for (const ScalePoint& point : points) {
    // Beyond a pole the curve means nothing, however near it comes to a point.
    if (divisor(at, point.n) <= 0) return std::numeric_limits<double>::infinity();
    const double off = coefficients(at).at(point.n) - point.rate;
    sum += off * off;
  }
  return sum;
}

// Of the curve at N, by each parameter.
Vector slopes(const Vector& at, double n) {
  const double d = divisor(at, n);
  const double per = -at[0] * n / (d * d);
  return {n / d, per * (n - 1), per * n * (n - 1)};
}

// Solves a x = b by Cholesky's decomposition; parameters that are held have a row of their own.
// Nothing if `a` is not positive definite.
std::optional<Vector> solve(Matrix a, Vector b) {
  for (std::size_t j = 0; j < parameters; ++j) {
    for (std::size_t k = 0; k < j; ++k) a[j][j] -= a[j][k] * a[j][k];
    if (!(a[j][j] > 0)) return std::nullopt;
    a[j][j] = std::sqrt(a[j][j]);
    for (std::size_t i = j + 1; i < parameters; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i][j] -= a[i][k] * a[j][k];
      a[i][j] /= a[j][j];
    }
  }
  for (std::size_t i = 0; i < parameters; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = parameters; i-- > 0;) {
    for (std::size_t k = i + 1; k < parameters; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

struct Normal {
  Matrix matrix{};
  Vector right{};
};

Normal normal_equations(Points points, const Vector& at, const Free& free) {
  Normal out;
  for (const ScalePoint& point : points) {
    const Vector slope = slopes(at, point.n);
    const double off = point.rate - coefficients(at).at(point.n);
    for (std::size_t i = 0; i < parameters; ++i) {
      if (!free[i]) continue;
      out.right[i] += slope[i] * off;
      for (std::size_t j = 0; j < parameters; ++j) {
        if (free[j]) out.matrix[i][j] += slope[i] * slope[j];
      }
    }
  }
  return out;
}

// The least squares that a descent from `at` finds.
Vector descend(Points points, Vector at, const Free& free) {
  double damping = 1e-3;
  double best = squares(points, at);
  for (int step = 0; step < most_steps && damping < 1e12; ++step) {
    Normal normal = normal_equations(points, at, free);
    for (std::size_t i = 0; i < parameters; ++i) {
      normal.matrix[i][i] = free[i] ? normal.matrix[i][i] * (1 + damping) : 1;
    }
    Vector next = at;
    if (const auto move = solve(normal.matrix, normal.right)) {
      for (std::size_t i = 0; i < parameters; ++i) next[i] += (*move)[i];
    }
    const double found = squares(points, next);
    if (!(found < best)) {
      damping *= 10;
      continue;
    }
    const bool settled = best - found <= 1e-14 * best;
    at = next;
    best = found;
    damping = std::max(damping / 10, 1e-12);
    if (settled) break;
  }
  return at;
}

// What one does, were the curve a straight line.
Vector straight(Points points) {
  double up = 0, down = 0;
  for (const ScalePoint& point : points) {
    up += point.n * point.rate;
    down += point.n * point.n;
  }
  return {up / down, 0, 0};
}

// If the bottom of all lies beyond a bound, the best that is allowed lies on one: each of them is
// sought with the other parameters free.
Vector fit(Points points) {
  const Vector line = straight(points);
  Vector best = line;
  double least = squares(points, line);
  for (const Free& free :
       {Free{true, true, true}, Free{true, true, false}, Free{true, false, true}}) {
    Vector start = line;
    if (free[1]) start[1] = 0.05;
    if (free[2]) start[2] = 1e-4;
    const Vector found = descend(points, start, free);
    const double sum = squares(points, found);
    if (found[0] > 0 && found[1] >= 0 && found[2] >= 0 && sum < least) {
      best = found;
      least = sum;
    }
  }
  return best;
}

std::size_t different(Points points) {
  std::vector<double> all;
  for (const ScalePoint& point : points) all.push_back(point.n);
  std::ranges::sort(all);
  return static_cast<std::size_t>(std::ranges::unique(all).begin() - all.begin());
}

double largest_of(Points points) { return std::ranges::max_element(points, {}, &ScalePoint::n)->n; }

std::optional<double> leave_last_out(Points points) {
  const double largest = largest_of(points);
  std::vector<ScalePoint> others;
  double measured = 0, last = 0;
  for (const ScalePoint& point : points) {
    if (point.n < largest) {
      others.push_back(point);
    } else {
      measured += point.rate;
      ++last;
    }
  }
  if (different(others) < parameters) return std::nullopt;
  return coefficients(fit(others)).at(largest) / (measured / last) - 1;
}

std::vector<double> residuals(Points points, const Coefficients& best) {
  const auto n = static_cast<double>(points.size());
  const double wider = std::sqrt(n / std::max(1.0, n - static_cast<double>(parameters)));
  std::vector<double> out;
  for (const ScalePoint& point : points) out.push_back((point.rate / best.at(point.n) - 1) * wider);
  return out;
}

std::vector<Coefficients> resample(Points points, const Coefficients& best,
                                   const ScalabilityRules& rules) {
  constexpr double least = 0.01;  // of the fit: a rate stays above 0
  const std::vector<double> noise = residuals(points, best);
  boost::random::mt19937_64 engine(rules.seed);
  boost::random::uniform_int_distribution<std::size_t> pick(0, noise.size() - 1);
  boost::random::uniform_01<double> share;
  std::vector<Coefficients> out;
  std::vector<ScalePoint> drawn(points.begin(), points.end());
  for (int i = 0; i < rules.resamples; ++i) {
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const double open = 1 + points[k].uncertainty * (2 * share(engine) - 1);
      drawn[k].rate = best.at(points[k].n) * std::max(least, (1 + noise[pick(engine)]) * open);
    }
    out.push_back(coefficients(fit(drawn)));
  }
  return out;
}

Interval middle_of(std::vector<double> values, double confidence) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(std::lround(share * last))];
  };
  return {at((1 - confidence) / 2), at((1 + confidence) / 2)};
}

Interval interval_of(const Scalability& of, double Coefficients::*which) {
  std::vector<double> values;
  for (const Coefficients& each : of.resampled) values.push_back(each.*which);
  return middle_of(std::move(values), of.confidence);
}

std::optional<double> peak_of(const Coefficients& of, double largest) {
  if (of.sigma >= 1) return 1;
  if (of.kappa <= 0) return std::nullopt;
  const double peak = std::max(1.0, std::floor(std::sqrt((1 - of.sigma) / of.kappa)));
  if (peak > furthest * largest) return std::nullopt;
  return peak;
}

std::optional<Error> why_not(Points points) {
  for (const ScalePoint& point : points) {
    if (!(point.n >= 1) || !std::isfinite(point.n))
      return Error{fmt::format("{:g} is no number of things that work together", point.n),
                   "fit values from 1 on"};
    if (!(point.rate > 0) || !std::isfinite(point.rate))
      return Error{fmt::format("at {:g} there is no rate above 0", point.n),
                   "leave that value out"};
  }
  if (const auto found = different(points); found <= parameters)
    return Error{fmt::format("a scalability law has three parameters: {} value{} cannot "
                             "contradict it",
                             found, found == 1 ? "" : "s"),
                 "measure at four values or more"};
  return std::nullopt;
}

}  // namespace

double Coefficients::at(double n) const {
  return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

Result<Scalability> fit_scalability(std::span<const ScalePoint> points,
                                    const ScalabilityRules& rules) {
  if (auto why = why_not(points)) return *why;
  if (rules.resamples < 1) return Error{"intervals need resamples", "ask for one at least"};
  Scalability out{.best = coefficients(fit(points)),
                  .leave_last_out = leave_last_out(points),
                  .largest = largest_of(points),
                  .confidence = rules.confidence};
  out.peak = peak_of(out.best, out.largest);
  out.resampled = resample(points, out.best, rules);
  out.lambda = interval_of(out, &Coefficients::lambda);
  out.sigma = interval_of(out, &Coefficients::sigma);
  out.kappa = interval_of(out, &Coefficients::kappa);
  return out;
}

Result<Prediction> predict(const Scalability& fit, double n) {
  if (!(n >= 1)) return Error{fmt::format("nothing is done by {:g}", n), "ask for 1 or more"};
  if (n > furthest * fit.largest) {
    return Error{fmt::format("{:g} is more than twice {:g}, the largest value measured: the curve "
                             "is no evidence of what happens there",
                             n, fit.largest),
                 fmt::format("measure at {:g} or above, or ask for {:g} at most",
                             std::ceil(n / furthest), furthest * fit.largest)};
  }
  std::vector<double> values;
  for (const Coefficients& each : fit.resampled) values.push_back(each.at(n));
  return Prediction{.rate = fit.best.at(n),
                    .interval = middle_of(std::move(values), fit.confidence)};
}

}  // namespace seatrial::statistics
