// How throughput grows with the number of something (brokers, partitions, lanes): the Universal
// Scalability Law (N. Gunther, Guerrilla Capacity Planning, Springer 2007)
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),   sigma, kappa >= 0
//
// lambda is what one does, sigma the share that all have to wait for in turn (contention), kappa
// the cost of each pair's agreeing with each other (coherency).
//
//   const auto fit = fit_scalability({{1, 20e3}, {2, 38e3}, {4, 66e3}, {8, 90e3}}, {});
//   if (fit) predict(*fit, 16);
//
// Fitted by least squares of the rates themselves, as R's `usl` does, with a bound in force where
// the data would have sigma or kappa below 0. Intervals are percentiles of a bootstrap: each rate
// is drawn anew as the fit's, times a residual of the data (relative to the fit, and wider by
// sqrt(n / (n - 3)), for three parameters follow the data), times what the measurement itself left
// open (`uncertainty`, uniformly). From few values such intervals are rough. Random numbers come
// from the seed alone. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/result.hpp"

namespace seatrial::statistics {

struct ScalePoint {
  double n = 0;            // at least 1
  double rate = 0;         // above 0
  double uncertainty = 0;  // a share: the rate is known to lie within rate (1 +- uncertainty)
};

struct ScalabilityRules {
  double confidence = 0.95;
  int resamples = 1000;
  std::uint64_t seed = 1;
};

struct Coefficients {
  double lambda = 0, sigma = 0, kappa = 0;
  [[nodiscard]] double at(double n) const;
};

struct Interval {
  double low = 0, high = 0;
};

struct Scalability {
  Coefficients best;
  Interval lambda, sigma, kappa;
  // Of the largest N, predicted from the others alone: predicted / measured - 1. Nothing where the
  // others have fewer than three different N.
  std::optional<double> leave_last_out;
  // N* from which on more are worse, floor(sqrt((1 - sigma) / kappa)); nothing if there is none, or
  // if it lies further away than `predict` would look.
  std::optional<double> peak;
  double largest = 0;                   // N that was measured
  double confidence = 0;                // of the intervals
  std::vector<Coefficients> resampled;  // what the intervals are taken from
};

// Refuses fewer than four different N (three parameters and one to contradict them), an N below 1,
// a rate that is none.
[[nodiscard]] Result<Scalability> fit_scalability(std::span<const ScalePoint> points,
                                                  const ScalabilityRules& rules);

struct Prediction {
  double rate = 0;
  Interval interval;  // of the curve, not of a further measurement
};

// Refuses N above twice the largest that was measured: the law describes, it does not know what
// comes next, and kappa is the coefficient that small N tell least of.
[[nodiscard]] Result<Prediction> predict(const Scalability& fit, double n);

}  // namespace seatrial::statistics
