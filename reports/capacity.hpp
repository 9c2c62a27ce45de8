// What a search for capacity found, in the words and points that console and page share. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/view.hpp"

namespace seatrial::reports {

inline constexpr std::array<double, 3> curve_percentiles{50, 99, 99.9};
inline constexpr std::array<const char*, 2> curve_latencies{"response", "service"};

// A load that was tried: one trial of a search.
struct LoadPoint {
  View load, tried, trial;  // the search's load, its trial there, and that trial's record
  double per_s = 0;         // throughput: acked of what fell due
  bool says = true;         // false: invalid, or the generator's limit
  // Of the searched workloads the slowest; by curve_latencies and curve_percentiles.
  std::array<std::array<std::optional<double>, 3>, 2> ns;
};

// Of one search, by throughput. `record`: with all trials.
[[nodiscard]] std::vector<LoadPoint> load_points(const View& record, const View& search);

struct Knee {
  double per_s = 0;
  double distance = 0;  // from the chord, both axes from 0 to 1
};
// Where a curve bends. From the lowest to the highest throughput a straight line is drawn, both
// axes scaled from 0 to 1; the knee is the point that lies furthest below it. Nothing with fewer
// than four different throughputs, or if none lies a tenth below. Of response p99, of the median
// where several trials had one load, and of trials that say something.
[[nodiscard]] std::optional<Knee> knee_of(const std::vector<LoadPoint>& points);

// By load, ascending: the median of what its trials say, as throughput and latency.
struct CurvePoint {
  double per_s = 0, ns = 0;
};
[[nodiscard]] std::vector<CurvePoint> curve_of(const std::vector<LoadPoint>& points,
                                               std::size_t latency, std::size_t percentile);

// Latencies that the targets name, in nanoseconds, with their texts.
struct LatencyTarget {
  std::string text;
  double ns = 0;
};
[[nodiscard]] std::vector<LatencyTarget> latency_targets(const View& capacity);

[[nodiscard]] std::string rate_text(double per_s);
// "7,900/s to 8,300/s", "at least 12,000/s", "below 500/s", "undecided".
[[nodiscard]] std::string interval_text(const View& search);
// What bound it, with evidence and needs; empty if that was not looked for.
[[nodiscard]] std::string bound_text(const View& search);
// The law's coefficients, its error and its peak; or why it was not fitted.
[[nodiscard]] std::vector<std::string> scaling_sentences(const View& scaling);

}  // namespace seatrial::reports
