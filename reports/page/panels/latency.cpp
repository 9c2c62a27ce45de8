// Response latency over time: one strip per variant and producer, all with the same axes, faults as
// bands. A point stands for the messages *intended* within one second, and is drawn at its middle.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double left_wide = 70;
constexpr double left_narrow = 56;

struct Bounds {
  double low_ns = std::numeric_limits<double>::infinity();
  double high_ns = 0;
};

bool has_response(const View& series) {
  for (const auto& point : series["points"].items()) {
    if (point["response"]["p50_ns"].number().value_or(0) > 0) return true;
  }
  return false;
}

Bounds bounds_of(const View& record) {
  Bounds bounds;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& series : trial["series"].items()) {
      for (const auto& point : series["points"].items()) {
        for (const auto* name : {"p50_ns", "p99_ns", "max_ns"}) {
          const auto ns = point["response"][name].number().value_or(0);
          if (ns <= 0) continue;
          bounds.low_ns = std::min(bounds.low_ns, ns);
          bounds.high_ns = std::max(bounds.high_ns, ns);
        }
      }
    }
  }
  return bounds;
}

// One statistic as unbroken runs: a second without a value breaks the line.
struct Track {
  std::vector<std::vector<Point>> runs;
  ReadoutSeries readout;
  [[nodiscard]] std::vector<Point> all() const {
    std::vector<Point> out;
    for (const auto& run : runs) out.insert(out.end(), run.begin(), run.end());
    return out;
  }
};

Track track(const View& series, const std::string& member, const std::string& name,
            const std::string& kind, const Scale& x, const Scale& y) {
  Track out;
  out.readout = {name, kind, {}};
  bool broken = true;
  for (const auto& point : series["points"].items()) {
    const auto time = time_of(point);
    const auto ns = point["response"][member].number().value_or(0);
    if (!time || ns <= 0) {
      broken = true;
      continue;
    }
    if (broken) out.runs.emplace_back();
    broken = false;
    out.runs.back().push_back({x(time->middle_s()), y(ns)});
    out.readout.points.push_back(
        {time->middle_s(), y(ns), when(point), duration_text(point["response"][member], "")});
  }
  return out;
}

void draw(Svg& svg, const View& trial, const View& series, Span span, const Bounds& bounds,
          const std::string& kind) {
  const double left = svg.size().narrow ? left_narrow : left_wide;
  const auto frame = draw_time_frame(svg, trial, span, left);
  const Scale y{bounds.low_ns / 1.3, bounds.high_ns * 1.3, frame.bottom, frame.top, true};
  for (const double tick : log_ticks(y.from, y.to)) {
    svg.line({frame.x.px_from, y(tick)}, {frame.x.px_to, y(tick)}, "grid");
    svg.text({left - 8, y(tick) + 4}, Svg::Anchor::end, tick_duration(tick));
  }
  svg.text({0, frame.top - 6}, Svg::Anchor::start, "latency", "axis");
  const auto p50 = track(series, "p50_ns", "p50", kind, frame.x, y);
  const auto p99 = track(series, "p99_ns", "p99", kind, frame.x, y);
  const auto max = track(series, "max_ns", "max", kind, frame.x, y);
  if (p50.runs.size() == p99.runs.size()) {
    for (std::size_t i = 0; i < p50.runs.size(); ++i) {
      svg.area(p99.runs[i], p50.runs[i], kind + " area", "p99");
    }
  }
  for (const auto& run : p50.runs) svg.path(run, kind + " ln thin", "p50");
  for (const auto& run : p99.runs) svg.path(run, kind + " ln", "p99");
  svg.dots(max.all(), 2, kind, "max");
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom,
                         {p50.readout, p99.readout, max.readout}));
}

std::string numbers(const View& series) {
  using Align = Table::Align;
  Table table({{"Second", Align::right}, {"Messages", Align::right}, {"Response p50", Align::right},
               {"p99", Align::right}, {"Max", Align::right}});
  for (const auto& point : series["points"].items()) {
    const auto response = point["response"];
    table.row({when_cell(point), count(response["count"]), duration(response["p50_ns"]),
               duration(response["p99_ns"]), duration(response["max_ns"])});
  }
  return table.html("Response by second");
}

std::string render_trial(const View& record, const View& trial) {
  const auto span = time_span(record);
  const auto bounds = bounds_of(record);
  const auto names = variant_names(record);
  const auto variant = trial["variant"].text("?");
  const auto index = std::find(names.begin(), names.end(), variant) - names.begin();
  std::vector<View> drawn;
  for (const auto& series : trial["series"].items()) {
    if (has_response(series)) drawn.push_back(series);
  }
  const auto heading = trial_heading(record, trial);
  if (drawn.empty() || span.empty()) {
    return "<p>" + escape(heading) + ", latency by second: " + absent() + ".</p>\n";
  }
  std::string out;
  for (const auto& series : drawn) {
    const auto kind = series_kind(static_cast<std::size_t>(index));
    auto figure = time_figure(record, trial, span, left_wide, left_narrow, 170);
    figure.heading = heading + (drawn.size() > 1 ? ", " + series["workload"].text() : "") +
                     (trial["latency_unknown"] ? ", unknown" : "");
    figure.description = "Response latency by second of intended time: median, 99th percentile and "
                         "maximum; faults are shaded.";
    figure.legend = {{"p50", "p50", kind, "thin"}, {"p99", "p99", kind, "line"},
                     {"max", "max", kind, "dot"}};
    figure.draw = [&](Svg& svg) { draw(svg, trial, series, span, bounds, kind); };
    figure.table_html = numbers(series);
    out += html(figure);
  }
  return out;
}

std::string render(const View& record) {
  const auto out = per_trial(record, render_trial);
  return out.empty() ? "<p>Latency by second: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 50,
     .id = "latency",
     .title = "Latency over time",
     .note = "Each point is one second of messages, placed at the time they were intended, "
             "however late they were acked. All strips share their axes; shaded spans are faults.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
