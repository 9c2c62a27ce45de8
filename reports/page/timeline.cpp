// Charts over time: the shared axis, warmup and faults as bands.
#include "reports/page/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reports/format.hpp"
#include "reports/page/html.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double lane_height = 19;
constexpr double right_margin = 14;

struct Bar {
  double from = 0;
  double to = 0;
  double label_x = 0;
  Svg::Anchor anchor = Svg::Anchor::start;
  std::size_t lane = 0;
  std::string label;
  std::string kind;
  std::string title;
};

// Names go to the first lane in which neither they nor their bars touch an earlier one.
std::vector<Bar> fault_bars(const View& trial, const Scale& x) {
  std::vector<Bar> bars;
  std::vector<double> lane_ends;
  for (const auto& fault : trial["faults"].items()) {
    const auto from = fault["injected_s"].number();
    if (!from || *from > x.to) continue;
    Bar bar;
    bar.from = x(*from);
    bar.to = std::max(bar.from + 2, x(fault["healed_s"].number().value_or(x.to)));
    bar.kind = fault_kind(fault);
    const auto nodes = list_text(fault["nodes"]);
    bar.label = fault["action"].text("fault") + " " +
                (nodes.empty() ? fault["target"].text() : nodes);
    bar.title = fault["action"].text("fault") + " " + fault["target"].text() + ": " +
                seconds_text(fault["injected_s"], "?") + " to " +
                seconds_text(fault["healed_s"], "the end");
    const auto width = text_width(bar.label) + 8;
    double left = bar.from;
    bar.label_x = bar.from;
    if (bar.from + width > x.px_to) {
      bar.anchor = Svg::Anchor::end;
      bar.label_x = x.px_to;
      left = std::min(left, x.px_to - width);
    }
    const auto free = std::find_if(lane_ends.begin(), lane_ends.end(),
                                   [&](double end) { return end <= left; });
    bar.lane = static_cast<std::size_t>(free - lane_ends.begin());
    if (free == lane_ends.end()) lane_ends.push_back(0);
    lane_ends[bar.lane] = std::max(bar.to, left + width) + 4;
    bars.push_back(std::move(bar));
  }
  return bars;
}

double strip_height(const std::vector<Bar>& bars) {
  std::size_t lanes = 0;
  for (const auto& bar : bars) lanes = std::max(lanes, bar.lane + 1);
  return std::max(static_cast<double>(lanes) * lane_height + 6, 20.0);
}

Scale time_scale(Span span, const Size& size, double left) {
  return {span.from, span.to, left, size.width - right_margin};
}

void draw_phases(Svg& svg, const View& trial, const TimeFrame& frame) {
  for (const auto& phase : trial["phases"].items()) {
    const auto from = phase["from_s"].number();
    const auto to = phase["to_s"].number();
    if (phase["name"].is("measure") || !from) continue;
    const double x1 = frame.x(*from);
    const double x2 = frame.x(to.value_or(frame.x.to));
    if (x2 - x1 < 1) continue;
    svg.rect(x1, frame.top, x2 - x1, frame.bottom - frame.top, "phase",
             phase["name"].text() + " (outside of measure)");
    const auto name = phase["name"].text();
    // Left of it stands the name of the y axis.
    const double room = x2 - std::max(x1, 78.0);
    if (*from < 0 && room > text_width(name) + 8) {
      svg.text({x2 - 4, frame.top - 6}, Svg::Anchor::end, name, "faint");
    }
  }
}

}  // namespace

std::string fault_kind(const View& fault) {
  if (fault["effect"].is("none")) return "f-apart";
  return fault["effect"].is("held") ? "f-held" : "f-gone";
}

std::optional<PointTime> time_of(const View& point) {
  const auto t = point["t_s"].number();
  if (!t) return std::nullopt;
  return PointTime{*t, std::max(point["length_s"].number_or(1.0), 1.0)};
}

std::string when(const View& point) {
  const auto time = time_of(point);
  if (!time || time->length_s <= 1) return "second " + point["t_s"].text();
  return "seconds " + point["t_s"].text() + " to " + decimal(time->end_s() - 1, 0);
}

std::string when_cell(const View& point) {
  const auto time = time_of(point);
  if (!time || time->length_s <= 1) return number(point["t_s"]);
  return number(point["t_s"]) + " to " + decimal(time->end_s() - 1, 0);
}

bool is_joined(const View& points) {
  const auto all = points.items();
  return std::any_of(all.begin(), all.end(),
                     [](const View& point) { return point["length_s"].number_or(1.0) > 1; });
}

std::string numbers_elsewhere() {
  return "<p>The run was long, so points stand for several seconds. The numbers are in run.json, "
         "and those of each second in journal.jsonl.</p>\n";
}

Span time_span(const View& record) {
  double from = std::numeric_limits<double>::infinity();
  double to = -from;
  const auto see = [&](const View& value, double later = 0) {
    const auto s = value.number();
    if (!s) return;
    from = std::min(from, *s);
    to = std::max(to, *s + later);
  };
  for (const auto& trial : record["trials"].items()) {
    for (const auto& phase : trial["phases"].items()) {
      if (!phase["name"].is("warmup") && !phase["name"].is("measure")) continue;
      see(phase["from_s"]);
      see(phase["to_s"]);
    }
    for (const auto& series : trial["series"].items()) {
      const auto points = series["points"];
      if (points.size() == 0) continue;
      see(points.at(0)["t_s"]);
      const auto last = points.at(points.size() - 1);
      see(last["t_s"], last["length_s"].number_or(1.0));
    }
    for (const auto& fault : trial["faults"].items()) {
      see(fault["injected_s"]);
      see(fault["healed_s"]);
    }
    for (const auto& partition : trial["availability"].items()) {
      for (const auto& gap : partition["gaps"].items()) see(gap["to_s"]);
    }
  }
  return to > from ? Span{from, to} : Span{};
}

double left_margin(const std::vector<std::string>& labels, const Size& size) {
  double widest = 0;
  for (const auto& label : labels) widest = std::max(widest, text_width(label));
  return std::min(widest + 14, size.narrow ? 84.0 : 190.0);
}

Figure time_figure(const View& record, const View& trial, Span span, double left_wide,
                   double left_narrow, double plot_height) {
  Figure figure;
  const auto height = [&](double width, double left) {
    return plot_height + time_axis_height +
           strip_height(fault_bars(trial, time_scale(span, {width, 0, false}, left)));
  };
  figure.wide_height = height(wide_width, left_wide);
  figure.half = record["trials"].size() > 1;
  figure.narrow_height = height(figure.half ? half_width : narrow_width, left_narrow);
  return figure;
}

TimeFrame draw_time_frame(Svg& svg, const View& trial, Span span, double left) {
  const auto& size = svg.size();
  TimeFrame frame{time_scale(span, size, left), 0, size.height - time_axis_height};
  const auto bars = fault_bars(trial, frame.x);
  frame.top = strip_height(bars);
  svg.rect(left, frame.top, size.width - right_margin - left,
           frame.bottom - frame.top, "area-bg");
  draw_phases(svg, trial, frame);
  for (const auto& bar : bars) {
    svg.rect(bar.from, frame.top, bar.to - bar.from, frame.bottom - frame.top, "band " + bar.kind,
             bar.title);
  }
  for (const double tick : linear_ticks(span.from, span.to, size.narrow ? 5 : 12)) {
    const double x = frame.x(tick);
    svg.line({x, frame.top}, {x, frame.bottom}, tick == 0 ? "grid zero" : "grid");
    svg.text({x, frame.bottom + 16}, Svg::Anchor::middle, decimal(tick, 3));
  }
  svg.text({(frame.x.px_from + frame.x.px_to) / 2, frame.bottom + 33}, Svg::Anchor::middle,
           size.narrow ? "seconds since measuring began" : "time since measuring began (s)",
           "axis");
  for (const auto& bar : bars) {
    const double y = 14 + static_cast<double>(bar.lane) * lane_height;
    svg.text({bar.label_x, y - 2}, bar.anchor, bar.label, "fault " + bar.kind);
    svg.rect(bar.from, y + 1.5, bar.to - bar.from, 3, "bar " + bar.kind, bar.title);
  }
  return frame;
}

TrialsByRank trials_by_rank(const View& record) {
  TrialsByRank out;
  for (const auto& variant : trials_by_variant(record)) {
    const std::size_t first = shown_place(variant.trials);
    for (std::size_t i = 0; i < variant.trials.size(); ++i)
      (i == first ? out.shown : out.further).push_back(variant.trials[i]);
  }
  return out;
}

std::string folded_trials(const std::string& html) {
  return html.empty() ? "" : details("Further trials of the same variants", html);
}

std::string per_trial(const View& record,
                      std::string (*render)(const View& record, const View& trial)) {
  const auto beside = [&](const std::vector<View>& trials) {
    std::string out;
    for (const auto& trial : trials) {
      const auto html = render(record, trial);
      if (!html.empty()) out += "<div>" + html + "</div>\n";
    }
    return out.empty() || trials.size() < 2 ? out : "<div class=\"pairs\">\n" + out + "</div>\n";
  };
  const auto trials = trials_by_rank(record);
  return beside(trials.shown) + folded_trials(beside(trials.further));
}

}  // namespace seatrial::reports::page
