// Latency against the share of messages that were faster, on an axis that gives each further nine
// the same room: one line per variant and producer. Service, from the actual send, is dashed:
// where it lies below response, messages waited before they were sent.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

struct Line {
  std::string name;   // legend and table
  std::string kind;   // colour
  bool dashed = false;
  View latency;
  View outside{};  // the same, for messages outside of faults; percentiles only
};

struct Bounds {
  double nines = 1;  // right end, as -log10(1 - p)
  double low_ns = std::numeric_limits<double>::infinity();
  double high_ns = 0;
};

double nines(double percent) { return -std::log10(1 - percent / 100); }

std::vector<Line> lines_of(const View& record) {
  std::vector<Line> lines;
  std::size_t index = 0;
  for (const auto& variant : variant_names(record)) {
    std::vector<View> producers;
    const View trial = shown_trial(record, variant);
    for (const auto& workload : trial["workloads"].items()) {
      if (workload["latency"]["response"]["curve"].size() > 1) producers.push_back(workload);
    }
    for (const auto& producer : producers) {
      auto name = variant;
      if (producers.size() > 1) name += " " + producer["name"].text();
      if (!latency_doubts(trial, producer).empty()) name += " (unknown)";
      const auto kind = series_kind(index++);
      lines.push_back({name, kind, false, producer["latency"]["response"],
                       producer["latency_outside_faults"]["response"]});
      if (producer["latency"]["service"]["curve"].size() > 1) {
        lines.push_back({name + ", service", kind, true, producer["latency"]["service"],
                         producer["latency_outside_faults"]["service"]});
      }
    }
  }
  return lines;
}

// The maximum (p = 100) has no place on this axis; it stands in the table.
bool drawable(const View& point) {
  const auto p = point["p"].number();
  const auto ns = point["ns"].number();
  return p && ns && *p >= 0 && *p < 100 && *ns > 0;
}

Bounds bounds_of(const std::vector<Line>& lines) {
  Bounds bounds;
  for (const auto& line : lines) {
    for (const auto& point : line.latency["curve"].items()) {
      if (!drawable(point)) continue;
      bounds.nines = std::max(bounds.nines, nines(*point["p"].number()));
      bounds.low_ns = std::min(bounds.low_ns, *point["ns"].number());
      bounds.high_ns = std::max(bounds.high_ns, *point["ns"].number());
    }
  }
  return bounds;
}

void draw_axes(Svg& svg, const Scale& x, const Scale& y) {
  svg.rect(x.px_from, y.px_to, x.px_to - x.px_from, y.px_from - y.px_to, "area-bg");
  for (const double tick : log_ticks(y.from, y.to)) {
    svg.line({x.px_from, y(tick)}, {x.px_to, y(tick)}, "grid");
    svg.text({x.px_from - 8, y(tick) + 4}, Svg::Anchor::end, tick_duration(tick));
  }
  static constexpr const char* names[] = {"0 %",     "90 %",     "99 %",     "99.9 %",
                                          "99.99 %", "99.999 %", "99.9999 %"};
  for (std::size_t i = 0; i < std::size(names) && static_cast<double>(i) <= x.to + 1e-9; ++i) {
    const double at = x(static_cast<double>(i));
    svg.line({at, y.px_to}, {at, y.px_from}, "grid");
    svg.text({at, y.px_from + 16}, i == 0 ? Svg::Anchor::start : Svg::Anchor::middle, names[i]);
  }
  svg.text({(x.px_from + x.px_to) / 2, y.px_from + 34}, Svg::Anchor::middle,
           svg.size().narrow ? "share of messages that were faster"
                             : "share of messages that were faster (each step: one nine more)",
           "axis");
  svg.text({4, 12}, Svg::Anchor::start, "latency", "axis");
}

void draw(Svg& svg, const std::vector<Line>& lines, const Bounds& bounds) {
  const auto& size = svg.size();
  const Scale x{0, bounds.nines, size.narrow ? 56.0 : 70.0, size.width - 26};
  const Scale y{bounds.low_ns / 1.15, bounds.high_ns * 1.15, size.height - 44, 22, true};
  draw_axes(svg, x, y);
  std::vector<ReadoutSeries> readout;
  for (const auto& line : lines) {
    std::vector<Point> points;
    ReadoutSeries series{line.name, line.kind, {}};
    for (const auto& point : line.latency["curve"].items()) {
      if (!drawable(point)) continue;
      const double at = nines(*point["p"].number());
      points.push_back({x(at), y(*point["ns"].number())});
      series.points.push_back({at, points.back().y, decimal(*point["p"].number(), 5) + " %",
                               duration_text(point["ns"], "")});
    }
    svg.path(points, line.kind + (line.dashed ? " ln dash" : " ln"), line.name);
    readout.push_back(std::move(series));
  }
  svg.set_plot(plot_json("percentiles", x, y.px_to, y.px_from, readout));
}

std::string summary_table(const std::vector<Line>& lines) {
  using Align = Table::Align;
  Table table({{"Latency"}, {"Messages", Align::right}, {"p50", Align::right},
               {"p90", Align::right}, {"p99", Align::right}, {"p99.9", Align::right},
               {"p99.99", Align::right}, {"Max", Align::right}, {"Never resolved", Align::right},
               {"Above 1 h", Align::right}});
  const auto cell = [](const View& latency, double p) {
    const auto entry = percentile(latency, p);
    return entry ? duration(entry["ns"]) : "<span class=\"none\">-</span>";
  };
  const auto row = [&](const std::string& name, const View& latency) {
    table.row({escape(name), count(latency["count"]), cell(latency, 50), cell(latency, 90),
               cell(latency, 99), cell(latency, 99.9), cell(latency, 99.99),
               duration(latency["max_ns"]), count(latency["censored"]),
               count(latency["overflow"])});
  };
  for (const auto& line : lines) {
    row(line.name + (line.dashed ? "" : ", response"), line.latency);
    if (line.outside) row(line.name + (line.dashed ? "" : ", response") + ", outside faults",
                          line.outside);
  }
  return table.html("Latency percentiles");
}

std::string curve_table(const std::vector<Line>& lines) {
  Table table({{"Series"}, {"Percentile", Table::Align::right}, {"Latency", Table::Align::right}});
  for (const auto& line : lines) {
    for (const auto& point : line.latency["curve"].items()) {
      table.row({escape(line.name), number(point["p"]), duration(point["ns"])});
    }
  }
  return table.html("All points of the curves");
}

std::string render(const View& record) {
  const auto lines = lines_of(record);
  const auto bounds = bounds_of(lines);
  if (lines.empty() || !(bounds.high_ns > 0)) return "<p>Latency: " + absent() + ".</p>\n";
  Figure figure;
  figure.description = "Latency by percentile, one line per variant, both axes logarithmic; the "
                       "table below holds every point.";
  for (const auto& line : lines) {
    figure.legend.push_back({line.name, line.name + (line.dashed ? "" : ", response"), line.kind,
                             line.dashed ? "dash" : "line"});
  }
  figure.wide_height = 380;
  figure.narrow_height = 320;
  figure.draw = [&](Svg& svg) { draw(svg, lines, bounds); };
  figure.table_html = curve_table(lines);
  return html(figure) + summary_table(lines) +
         "<p class=\"small\">A percentile with fewer than ten messages beyond it is not given "
         "(-). A message that was never resolved counts at its age. Unknown: the "
         "banner above says why these latencies cannot be believed.</p>\n";
}

const PanelRegistration registered{
    {.order = 40,
     .id = "percentiles",
     .title = "Latency by percentile",
     .note = "Response is measured from when a message was intended, so that waiting behind a "
             "stalled cluster counts; service, dashed, from when it was really sent.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
