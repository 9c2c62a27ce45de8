// A history as a page: the changes as a table, and each series as a chart, folded where nothing
// changed.
#include "reports/history.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/counted.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/page.hpp"
#include "reports/page/svg.hpp"

namespace seatrial::reports {
namespace page {
namespace {

constexpr double lane = 16;
constexpr std::size_t lanes = 3;  // of names above a chart

std::string series_name(const View& series) {
  return series["scenario"].text("?") + ", " + series["variant"].text("?") + ": " +
         series["metric"].text("?");
}

std::string context_name(const View& context) { return std::to_string(context.count() + 1); }

struct Plot {
  Scale x, y;
  double top = 0, bottom = 0;
};

// Of one point the plot is as wide as of two.
Plot plot_of(const View& series, const Size& size) {
  const auto points = series["points"].items();
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const View& point : points) {
    low = std::min(low, point["median"].number_or(0));
    high = std::max(high, point["median"].number_or(0));
  }
  const double margin = std::max((high - low) * 0.08, high > 0 ? high * 0.01 : 0.5);
  Plot out;
  out.top = series["changes"].size() > 0 ? lane * lanes + 4 : 8;
  out.bottom = size.height - 26;
  out.y = {std::max(0.0, low - margin), high + margin, out.bottom, out.top};
  out.x = {-0.5, static_cast<double>(points.size()) - 0.5, size.narrow ? 66.0 : 84.0,
           size.width - 14};
  return out;
}

void draw_axes(Svg& svg, const View& series, const View& runs, const Plot& plot) {
  svg.rect(plot.x.px_from, plot.top, plot.x.px_to - plot.x.px_from, plot.bottom - plot.top,
           "area-bg");
  for (const double value : linear_ticks(plot.y.from, plot.y.to, 4)) {
    const nlohmann::json plain = value;
    svg.line({plot.x.px_from, plot.y(value)}, {plot.x.px_to, plot.y(value)}, "grid");
    svg.text({plot.x.px_from - 6, plot.y(value) + 4}, Svg::Anchor::end,
             gate_value(series, View(plain)));
  }
  const auto points = series["points"].items();
  if (points.empty()) return;
  const auto day = [&](const View& point) {
    return runs.at(point["run"].count())["started_at"].text().substr(0, 10);
  };
  svg.text({plot.x.px_from, plot.bottom + 18}, Svg::Anchor::start, day(points.front()));
  svg.text({plot.x.px_to, plot.bottom + 18}, Svg::Anchor::end, day(points.back()));
}

// Names take turns in the lanes, so that those of neighbours do not cover each other.
void draw_changes(Svg& svg, const View& series, const View& runs, const Plot& plot) {
  constexpr std::size_t longest = 40;
  std::size_t number = 0;
  for (const View& change : series["changes"].items()) {
    const double at = plot.x(static_cast<double>(change["at"].count()) - 0.5);
    const double text_y = lane * static_cast<double>(number++ % lanes) + 12;
    const auto name = clip(one_line(history_name(runs.at(change["run"].count()))), longest);
    svg.path({{at, text_y + 4}, {at, plot.bottom}}, "s1 ln dash", "change");
    const bool fits = at + text_width(name) < svg.size().width;
    svg.text({at, text_y}, fits ? Svg::Anchor::start : Svg::Anchor::end, name);
  }
}

void draw_series(Svg& svg, const View& series, const View& runs) {
  const Plot plot = plot_of(series, svg.size());
  draw_axes(svg, series, runs, plot);
  ReadoutSeries readout{"run", "s0", {}};
  std::vector<Point> dots;
  for (const View& point : series["points"].items()) {
    const double place = static_cast<double>(dots.size());
    const View run = runs.at(point["run"].count());
    dots.push_back({plot.x(place), plot.y(point["median"].number_or(0))});
    readout.points.push_back(
        {place, dots.back().y, one_line(history_name(run)), gate_value(series, point["median"])});
  }
  for (const View& segment : series["segments"].items()) {
    const double y = plot.y(segment["median"].number_or(0));
    svg.path({{plot.x(static_cast<double>(segment["from"].count()) - 0.5), y},
              {plot.x(static_cast<double>(segment["to"].count()) - 0.5), y}},
             "s2 ln", "segment");
  }
  svg.dots(dots, 3, "s0", "run");
  draw_changes(svg, series, runs, plot);
  svg.set_plot(plot_json(series.path(), plot.x, plot.top, plot.bottom, {readout}));
}

std::string numbers(const View& series, const View& runs) {
  using Align = Table::Align;
  Table table({{"Run"},
               {"Started"},
               {"Labels"},
               {"Median", Align::right},
               {"Least", Align::right},
               {"Most", Align::right},
               {"Trials", Align::right}});
  for (const View& point : series["points"].items()) {
    const View run = runs.at(point["run"].count());
    table.row({code(run["id"]), text(run["started_at"]), escape(pairs_text(run["labels"])),
               escape(gate_value(series, point["median"])),
               escape(gate_value(series, point["least"])),
               escape(gate_value(series, point["most"])), text(point["trials"])});
  }
  return table.html("The runs of " + series_name(series));
}

std::string chart(const View& history, const View& series) {
  const View runs = history["runs"];
  Figure figure;
  figure.heading = series_name(series);
  if (history["contexts"].size() > 1)
    figure.heading += ", context " + context_name(series["context"]);
  figure.description = "Each run's median, run by run, and the median between changes.";
  figure.legend = {{"run", "median of a run's trials", "s0", "dot"},
                   {"segment", "median between changes", "s2", "line"}};
  if (series["changes"].size() > 0)
    figure.legend.push_back({"change", "change, at the run named", "s1", "dash"});
  figure.wide_height = figure.narrow_height = 240;
  figure.draw = [series, runs](Svg& svg) { draw_series(svg, series, runs); };
  figure.table_html = numbers(series, runs);
  return html(figure);
}

std::string changes_html(const View& history) {
  using Align = Table::Align;
  Table table({{"Series"},
               {"Context", Align::right},
               {"From run"},
               {"Labels"},
               {"Change"},
               {"p", Align::right}});
  for (const View& series : changed_series(history)) {
    for (const View& change : series["changes"].items()) {
      const View run = history["runs"].at(change["run"].count());
      table.row({escape(series_name(series)), context_name(series["context"]), code(run["id"]),
                 escape(pairs_text(run["labels"])), escape(history_change(series, change)),
                 escape(decimal(change["p"].number_or(1), 3))});
    }
  }
  return table.empty() ? "<p>No change was found.</p>\n" : table.html("The changes");
}

std::string charts_html(const View& history) {
  std::string changed, folded;
  std::size_t same = 0;
  for (const View& series : history["series"].items()) {
    const bool change = series["changes"].size() > 0;
    if (!change) ++same;
    (change ? changed : folded) += chart(history, series);
  }
  if (same == 0) return changed;
  return changed + details(counted(same, "series", "series") + " without a change", folded);
}

}  // namespace
}  // namespace page

std::string history_page(const View& history) {
  using namespace page;
  const std::string title = "History of " + counted(history["runs"].size(), "run");
  std::string notes;
  for (const auto& note : history_notes(history)) notes += "<p>" + escape(note) + "</p>\n";
  return framed(title, "<header class=\"top\">\n<h1>" + title + "</h1>\n" + notes + "</header>\n",
                section("changes", "Changes", changes_html(history)) +
                    section("series", "Run by run", charts_html(history)),
                history);
}

}  // namespace seatrial::reports
