// Messages per second over time: offered (intended in that second), acked and consumed (arrived in
// that second, whenever intended), per trial; the strips share their axes.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

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

struct Quantity {
  const char* member;
  const char* label;
  const char* kind;   // of the line
  const char* mark;   // how it is drawn: where acked and consumed agree, both can be seen
};
constexpr Quantity quantities[] = {{"intended", "offered", "s7", "dash"},
                                   {"done_acked", "acked", "s0", "broad"},
                                   {"done_consumed", "consumed", "s2", "thin"}};

// The mean of the seconds that the point stands for.
std::optional<double> per_second(const View& point, const Quantity& quantity) {
  const auto time = time_of(point);
  const auto n = point[quantity.member].number();
  if (!time || !n) return std::nullopt;
  return *n / time->length_s;
}

struct Line {
  View series;
  Quantity quantity;
  std::string name;
};

// A workload has the lines of which it has any value above zero: a consumer intends nothing.
std::vector<Line> lines_of(const View& trial) {
  std::vector<Line> lines;
  const auto all = trial["series"].items();
  for (const auto& quantity : quantities) {
    std::vector<View> with;
    for (const auto& series : all) {
      for (const auto& point : series["points"].items()) {
        if (point[quantity.member].number().value_or(0) <= 0) continue;
        with.push_back(series);
        break;
      }
    }
    for (const auto& series : with) {
      std::string name = quantity.label;
      if (with.size() > 1) name += " " + series["workload"].text();
      lines.push_back({series, quantity, name});
    }
  }
  return lines;
}

double highest(const View& record) {
  double high = 0;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& series : trial["series"].items()) {
      for (const auto& point : series["points"].items()) {
        for (const auto& quantity : quantities) {
          high = std::max(high, per_second(point, quantity).value_or(0));
        }
      }
    }
  }
  return high;
}

void draw(Svg& svg, const View& trial, const std::vector<Line>& lines, Span span, double high) {
  const double left = svg.size().narrow ? left_narrow : left_wide;
  const auto frame = draw_time_frame(svg, trial, span, left);
  const Scale y{0, high * 1.08, frame.bottom, frame.top + 4};
  for (const double tick : linear_ticks(0, y.to, 4)) {
    svg.line({frame.x.px_from, y(tick)}, {frame.x.px_to, y(tick)}, "grid");
    svg.text({left - 8, y(tick) + 4}, Svg::Anchor::end, tick_count(tick));
  }
  svg.text({0, frame.top - 6}, Svg::Anchor::start, "messages/s", "axis");
  std::vector<ReadoutSeries> readout;
  for (const auto& line : lines) {
    std::vector<Point> points;
    ReadoutSeries series{line.name, line.quantity.kind, {}};
    for (const auto& point : line.series["points"].items()) {
      const auto n = per_second(point, line.quantity);
      if (!n) continue;
      const nlohmann::json rate = std::llround(*n);
      const double middle_s = time_of(point)->middle_s();
      points.push_back({frame.x(middle_s), y(*n)});
      series.points.push_back(
          {middle_s, points.back().y, when(point), count_text(View(rate), "") + "/s"});
    }
    svg.path(points, std::string(line.quantity.kind) + " ln " + line.quantity.mark, line.name);
    readout.push_back(std::move(series));
  }
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom, readout));
}

std::string numbers(const View& trial) {
  using Align = Table::Align;
  Table table({{"Workload"}, {"Second", Align::right}, {"Offered", Align::right},
               {"Acked", Align::right}, {"Failed", Align::right}, {"Unknown", Align::right},
               {"Consumed", Align::right}});
  for (const auto& series : trial["series"].items()) {
    for (const auto& point : series["points"].items()) {
      table.row({text(series["workload"]), when_cell(point), count(point["intended"]),
                 count(point["done_acked"]), count(point["failed"]), count(point["unknown"]),
                 count(point["done_consumed"])});
    }
  }
  return table.html("Messages by second");
}

std::string render_trial(const View& record, const View& trial) {
  const auto span = time_span(record);
  const auto lines = lines_of(trial);
  const auto heading = trial_heading(record, trial);
  if (lines.empty() || span.empty()) {
    return "<p>" + escape(heading) + ", messages by second: " + absent() + ".</p>\n";
  }
  auto figure = time_figure(record, trial, span, left_wide, left_narrow, 150);
  figure.heading = heading;
  figure.description = "Messages per second offered, acked and consumed; faults are shaded.";
  for (const auto& line : lines) {
    figure.legend.push_back(
        {line.name, line.name + ", messages/s", line.quantity.kind, line.quantity.mark});
  }
  const double high = highest(record);
  figure.draw = [&](Svg& svg) { draw(svg, trial, lines, span, high); };
  figure.table_html = numbers(trial);
  return html(figure);
}

std::string render(const View& record) {
  const auto out = per_trial(record, render_trial);
  return out.empty() ? "<p>Messages by second: " + absent() + ".</p>\n" : out;
}

const PanelRegistration registered{
    {.order = 60,
     .id = "throughput",
     .title = "Offered, acked, consumed",
     .note = "Offered counts messages in the second they were intended; acked and consumed count "
             "them in the second they arrived, so what was held up shows as a peak later.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
