// A chart with what belongs to it: legend, both drawings (wide and narrow), the pointer's readout
// and the table of the numbers drawn.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/page/svg.hpp"

namespace seatrial::reports::page {

// What the script shows under the pointer, for one series: the nearest point's texts.
struct ReadoutPoint {
  double x = 0;     // in the units of the scale (charts of one group share them)
  double y_px = 0;
  std::string x_text;
  std::string y_text;
};
struct ReadoutSeries {
  std::string name;  // as in data-series
  std::string kind;  // CSS class of its colour
  std::vector<ReadoutPoint> points;
};
// Charts of one `group` move their cursors together.
std::string plot_json(const std::string& group, const Scale& x, double top, double bottom,
                      const std::vector<ReadoutSeries>& series);

struct Key {
  std::string series;      // empty: nothing to hide
  std::string label;
  std::string kind;        // class of the colour
  std::string mark = "line";  // line, dash, thin, dot, box, hatch
};

struct Figure {
  std::string heading{};     // above the chart, plain text; may be empty
  std::string description{};   // for those who do not see it
  std::vector<Key> legend{};
  double wide_height = 300;
  double narrow_height = 260;
  bool half = false;  // beside another: drawn once, half as wide, `narrow_height` high
  std::function<void(Svg&)> draw{};
  std::string table_html{};  // the numbers, behind a fold
};

std::string html(const Figure& figure);
std::string legend_html(const std::vector<Key>& legend);
std::string series_kind(std::size_t index);  // "s0", "s1", ... in turn

}  // namespace seatrial::reports::page
