// The time axis that all charts over time share: the same span for every trial, so that a second
// is at the same place in each, with the faults in force drawn as bands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/view.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/svg.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

struct Span {
  double from = 0;
  double to = 0;
  [[nodiscard]] bool empty() const { return !(to > from); }
};

// When a point of a series is: of one second or, where a long run's seconds were joined, of
// several.
struct PointTime {
  double from_s = 0;
  double length_s = 1;
  [[nodiscard]] double middle_s() const { return from_s + length_s / 2; }
  [[nodiscard]] double end_s() const { return from_s + length_s; }
};
std::optional<PointTime> time_of(const View& point);
// "second 12", "seconds 12 to 75"; of a table's cell without the word.
std::string when(const View& point);
std::string when_cell(const View& point);
// Whether any of the points stands for several seconds.
bool is_joined(const View& points);
// In the place of a table of so many seconds that nobody would read it.
std::string numbers_elsewhere();

// From the first recorded second to the last one with load, faults included; empty if nothing is
// known.
Span time_span(const View& record);

struct TimeFrame {
  Scale x;
  double top = 0;     // of the plot's area, in pixels
  double bottom = 0;
};

inline constexpr double time_axis_height = 42;
// Room left of the plot for labels of this width at most; phones get less.
double left_margin(const std::vector<std::string>& labels, const Size& size);
// A figure over time whose plot is `plot_height` high: as tall as axis and fault names need
// besides. Half as wide as the page where the record has several trials.
Figure time_figure(const View& record, const View& trial, Span span, double left_wide,
                   double left_narrow, double plot_height);
// Draws bands, fault names, grid and the axis of time; what is drawn afterwards lies above them.
TimeFrame draw_time_frame(Svg& svg, const View& trial, Span span, double left);

// The class of a fault's colour: whom it held, whom it took away, or neither.
std::string fault_kind(const View& fault);

// The shown trial of each variant, and the others.
struct TrialsByRank {
  std::vector<View> shown, further;
};
TrialsByRank trials_by_rank(const View& record);
// What of trials beyond the shown ones stands on a page: behind a fold.
std::string folded_trials(const std::string& html);

// `render` for the shown trial of each variant, side by side, the other trials behind a fold.
std::string per_trial(const View& record,
                      std::string (*render)(const View& record, const View& trial));

}  // namespace seatrial::reports::page
