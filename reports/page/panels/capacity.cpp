// A search for capacity: the answer with what bound it, latency against throughput at every load
// that was tried, one interval for each value of an axis with the fitted law, or a map of two axes.
#include "reports/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/units.hpp"
#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/svg.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

using Align = Table::Align;

// --- latency against throughput ---

struct Drawn {
  View search;
  std::vector<LoadPoint> points;
  std::optional<Knee> knee;
  std::vector<LatencyTarget> targets;
  double most_per_s = 0;
  double low_ns = std::numeric_limits<double>::infinity(), high_ns = 0;
};

Drawn prepare(const View& record, const View& search) {
  Drawn out{.search = search,
            .points = load_points(record, search),
            .knee = {},
            .targets = latency_targets(record["capacity"])};
  out.knee = knee_of(out.points);
  for (const LoadPoint& point : out.points) {
    out.most_per_s = std::max(out.most_per_s, point.per_s);
    for (const auto& latency : point.ns) {
      for (const auto& ns : latency) {
        if (!ns) continue;
        out.low_ns = std::min(out.low_ns, *ns);
        out.high_ns = std::max(out.high_ns, *ns);
      }
    }
  }
  for (const LatencyTarget& target : out.targets) {
    out.low_ns = std::min(out.low_ns, target.ns);
    out.high_ns = std::max(out.high_ns, target.ns);
  }
  for (const char* bound : {"lower_per_s", "upper_per_s"})
    out.most_per_s = std::max(out.most_per_s, search[bound].number_or(0));
  return out;
}

std::string series_name(std::size_t latency, std::size_t percentile) {
  return std::string(curve_latencies[latency]) + " p" + decimal(curve_percentiles[percentile], 1);
}

void draw_axes(Svg& svg, const Scale& x, const Scale& y) {
  svg.rect(x.px_from, y.px_to, x.px_to - x.px_from, y.px_from - y.px_to, "area-bg");
  for (const double tick : log_ticks(y.from, y.to)) {
    svg.line({x.px_from, y(tick)}, {x.px_to, y(tick)}, "grid");
    svg.text({x.px_from - 8, y(tick) + 4}, Svg::Anchor::end, tick_duration(tick));
  }
  for (const double tick : linear_ticks(0, x.to, svg.size().narrow ? 4 : 8)) {
    svg.line({x(tick), y.px_to}, {x(tick), y.px_from}, "grid");
    svg.text({x(tick), y.px_from + 16}, Svg::Anchor::middle, tick_count(tick));
  }
  svg.text({(x.px_from + x.px_to) / 2, y.px_from + 34}, Svg::Anchor::middle,
           "messages acked a second", "axis");
  svg.text({4, 12}, Svg::Anchor::start, "latency", "axis");
}

// The interval as a band, the targets as lines, the knee as one across.
void draw_answer(Svg& svg, const Drawn& drawn, const Scale& x, const Scale& y) {
  const double height = y.px_from - y.px_to;
  const auto lower = drawn.search["lower_per_s"].number();
  const auto upper = drawn.search["upper_per_s"].number();
  if (lower || upper) {
    const double from = x(lower.value_or(0)), to = upper ? x(*upper) : x.px_to;
    svg.rect(from, y.px_to, std::max(1.5, to - from), height, "band f-held",
             interval_text(drawn.search));
  }
  for (const LatencyTarget& target : drawn.targets) {
    svg.path({{x.px_from, y(target.ns)}, {x.px_to, y(target.ns)}}, "s3 ln", "target");
    svg.text({x.px_from + 6, y(target.ns) - 6}, Svg::Anchor::start, target.text);
  }
  if (!drawn.knee) return;
  const double at = x(drawn.knee->per_s);
  svg.path({{at, y.px_to}, {at, y.px_from}}, "s7 ln dash", "knee");
  const bool right = at > (x.px_from + x.px_to) / 2;
  svg.text({at + (right ? -6 : 6), y.px_to + 14}, right ? Svg::Anchor::end : Svg::Anchor::start,
           "knee " + rate_text(drawn.knee->per_s));
}

void draw_series(Svg& svg, const Drawn& drawn, const Scale& x, const Scale& y,
                 std::vector<ReadoutSeries>& readout, std::size_t latency, std::size_t at) {
  const std::string name = series_name(latency, at), kind = series_kind(at);
  std::vector<Point> line, solid, hollow;
  for (const CurvePoint& point : curve_of(drawn.points, latency, at))
    line.push_back({x(point.per_s), y(point.ns)});
  ReadoutSeries series{name, kind, {}};
  for (const LoadPoint& point : drawn.points) {
    const auto ns = point.ns[latency][at];
    if (!ns) continue;
    (point.says ? solid : hollow).push_back({x(point.per_s), y(*ns)});
    series.points.push_back({point.per_s, y(*ns),
                             rate_text(point.per_s) + ", " + point.tried["outcome"].text("?"),
                             tick_duration(std::round(*ns / 1e3) * 1e3)});
  }
  svg.path(line, kind + (latency == 0 ? " ln" : " ln dash"), name);
  const double radius = latency == 0 ? 3.5 : 2;
  svg.dots(solid, radius, kind, name);
  svg.dots(hollow, radius, kind + " hollow", name);
  readout.push_back(std::move(series));
}

void draw_curve(Svg& svg, const Drawn& drawn) {
  const auto& size = svg.size();
  const Scale x{0, drawn.most_per_s * 1.04, size.narrow ? 56.0 : 70.0, size.width - 26};
  const Scale y{drawn.low_ns / 1.2, drawn.high_ns * 1.25, size.height - 44, 22, true};
  draw_axes(svg, x, y);
  draw_answer(svg, drawn, x, y);
  std::vector<ReadoutSeries> readout;
  for (std::size_t latency = curve_latencies.size(); latency-- > 0;) {
    for (std::size_t at = 0; at < curve_percentiles.size(); ++at)
      draw_series(svg, drawn, x, y, readout, latency, at);
  }
  svg.set_plot(
      plot_json("capacity " + drawn.search["name"].text(), x, y.px_to, y.px_from, readout));
}

std::string loads_table(const Drawn& drawn) {
  Table table({{"Load", Align::right},
               {"Phase"},
               {"Trial"},
               {"Outcome"},
               {"Acked of due", Align::right},
               {"Response p50", Align::right},
               {"p99", Align::right},
               {"p99.9", Align::right},
               {"Service p99", Align::right},
               {"Why"}});
  for (const LoadPoint& point : drawn.points) {
    const auto cell = [&](std::size_t latency, double p) {
      for (const View& workload : point.trial["workloads"].items()) {
        if (!is_producer(workload)) continue;
        const View ns = percentile(workload["latency"][curve_latencies[latency]], p)["ns"];
        return ns ? duration(ns) : std::string("<span class=\"none\">-</span>");
      }
      return absent();
    };
    std::vector<std::string> reasons;
    for (const View& reason : point.tried["reasons"].items())
      reasons.push_back(text(reason["text"]));
    table.row({number(point.load["per_s"]) + "/s", text(point.tried["phase"]),
               text(point.trial["variant"]), pill(point.tried["outcome"]),
               share(point.tried["achieved_share"]), cell(0, 50), cell(0, 99), cell(0, 99.9),
               cell(1, 99), join(reasons, "; ")});
  }
  return table.html("Every load that was tried");
}

std::string curve_html(const View& record, const View& search, bool alone) {
  const Drawn drawn = prepare(record, search);
  if (drawn.points.empty() || !(drawn.high_ns > 0) || drawn.most_per_s <= 0) return "";
  Figure figure;
  figure.heading = (alone ? "" : search["name"].text() + ": ") +
                   std::string(alone ? "Latency" : "latency") + " against throughput";
  figure.description =
      "Every trial is a point: solid where it says something, hollow where it was "
      "invalid or the generator was the limit. Lines join the medians.";
  for (std::size_t latency = 0; latency < curve_latencies.size(); ++latency) {
    for (std::size_t at = 0; at < curve_percentiles.size(); ++at)
      figure.legend.push_back({series_name(latency, at), series_name(latency, at), series_kind(at),
                               latency == 0 ? "line" : "dash"});
  }
  if (!drawn.targets.empty()) figure.legend.push_back({"target", "target", "s3", "line"});
  if (search["lower_per_s"] || search["upper_per_s"])
    figure.legend.push_back({"", "the answer lies here", "k-isr-less", "box"});
  if (drawn.knee) figure.legend.push_back({"knee", "knee", "s7", "dash"});
  figure.wide_height = 400;
  figure.narrow_height = 320;
  figure.draw = [drawn](Svg& svg) { draw_curve(svg, drawn); };
  figure.table_html = loads_table(drawn);
  return html(figure);
}

// --- one interval for each value of an axis ---

struct Place {
  double x = 0;
  std::string label;
  View search;
};

std::vector<Place> places_of(const View& capacity, const std::string& axis) {
  std::vector<Place> out;
  bool numbers = capacity["scaling"]["curve"].size() > 0;
  for (const View& search : capacity["searches"].items()) {
    const std::string value = search["axes"][axis].text("?");
    const auto number = parse_number(value);
    numbers = numbers && number.has_value();
    out.push_back({number ? *number : 0, value, search});
  }
  for (std::size_t i = 0; i < out.size() && !numbers; ++i) out[i].x = static_cast<double>(i + 1);
  return out;
}

double most_of(const View& capacity) {
  double most = 0;
  for (const View& search : capacity["searches"].items()) {
    for (const char* bound : {"lower_per_s", "upper_per_s"})
      most = std::max(most, search[bound].number_or(0));
  }
  for (const View& point : capacity["scaling"]["curve"].items())
    most = std::max(most, point["per_s"].number_or(0));
  return most;
}

void draw_law(Svg& svg, const View& scaling, const Scale& x, const Scale& y) {
  std::vector<Point> middle, low, high, beyond;
  const double largest = scaling["furthest"].number_or(0) / 2;
  for (const View& point : scaling["curve"].items()) {
    const double n = point["n"].number_or(0);
    const Point at{x(n), y(point["per_s"].number_or(0))};
    low.push_back({at.x, y(point["low"].number_or(0))});
    high.push_back({at.x, y(point["high"].number_or(0))});
    if (n <= largest) middle.push_back(at);
    if (n >= largest) beyond.push_back(at);
  }
  svg.area(high, low, "s1 area", "law");
  svg.path(middle, "s1 ln", "law");
  if (beyond.size() > 1) svg.path(beyond, "s1 ln dash", "law");
}

void draw_interval(Svg& svg, const Place& place, const Scale& x, const Scale& y) {
  const auto lower = place.search["lower_per_s"].number();
  const auto upper = place.search["upper_per_s"].number();
  const bool closed = place.search["outcome"].is("interval");
  const double at = x(place.x);
  if (!closed && (lower || upper)) {  // open upwards, or downwards
    const double end = lower ? y.px_to : y.px_from;
    svg.path({{at, y(lower.value_or(upper.value_or(0)))}, {at, end}}, "s0 ln dash", "answer");
  }
  if (lower && upper && closed)
    svg.path({{at, y(*lower)}, {at, y(*upper)}}, "s0 ln broad", "answer");
  for (const auto& bound : {lower, upper}) {
    if (bound) svg.dots({{at, y(*bound)}}, 4, closed ? "s0" : "s0 hollow", "answer");
  }
}

void draw_axis_chart(Svg& svg, const View& capacity, const std::string& axis) {
  const auto places = places_of(capacity, axis);
  double least = 0.5, most = 1;
  for (const Place& place : places) most = std::max(most, place.x);
  for (const View& point : capacity["scaling"]["curve"].items())
    most = std::max(most, point["n"].number_or(0));
  if (capacity["scaling"]["curve"].size() > 0) least = 0;
  const auto& size = svg.size();
  const Scale x{least, most + 0.5, size.narrow ? 56.0 : 70.0, size.width - 26};
  const Scale y{0, most_of(capacity) * 1.1, size.height - 44, 22};
  svg.rect(x.px_from, y.px_to, x.px_to - x.px_from, y.px_from - y.px_to, "area-bg");
  for (const double tick : linear_ticks(0, y.to, 6)) {
    svg.line({x.px_from, y(tick)}, {x.px_to, y(tick)}, "grid");
    svg.text({x.px_from - 8, y(tick) + 4}, Svg::Anchor::end, tick_count(tick));
  }
  draw_law(svg, capacity["scaling"], x, y);
  for (const Place& place : places) {
    draw_interval(svg, place, x, y);
    svg.text({x(place.x), y.px_from + 16}, Svg::Anchor::middle, place.label);
  }
  svg.text({(x.px_from + x.px_to) / 2, y.px_from + 34}, Svg::Anchor::middle, axis, "axis");
  svg.text({4, 12}, Svg::Anchor::start, "messages a second", "axis");
}

std::string scaling_html(const View& scaling) {
  if (!scaling) return "";
  std::string out;
  for (const auto& sentence : scaling_sentences(scaling))
    out += "<p>" + escape(sentence) + "</p>\n";
  Table table(
      {{"Coefficient"}, {"Value", Align::right}, {"from", Align::right}, {"to", Align::right}});
  for (const auto& [name, meaning] :
       {std::pair{"lambda", "of one, a second"}, std::pair{"sigma", "contention"},
        std::pair{"kappa", "coherency"}}) {
    if (!scaling[name]) continue;
    table.row({escape(std::string(name) + ", " + meaning), number(scaling[name]["value"]),
               number(scaling[name]["low"]), number(scaling[name]["high"])});
  }
  return out + (table.empty() ? "" : table.html("The law's coefficients"));
}

std::string axis_html(const View& capacity, const std::string& axis) {
  if (most_of(capacity) <= 0) return "";
  Figure figure;
  figure.heading = "Capacity over " + axis;
  figure.description =
      "For each value the interval in which the answer lies: dots are its ends, "
      "hollow and dashed where one end is open.";
  figure.legend = {{"answer", "interval", "s0", "line"}};
  if (capacity["scaling"]["curve"].size() > 0)
    figure.legend.push_back(
        {"law", "Universal Scalability Law and its interval, dashed beyond what was measured", "s1",
         "line"});
  figure.wide_height = 340;
  figure.narrow_height = 300;
  figure.draw = [capacity, axis](Svg& svg) { draw_axis_chart(svg, capacity, axis); };
  return html(figure) + scaling_html(capacity["scaling"]);
}

// --- a map of two axes ---

constexpr const char* heat[] = {"heat h0", "heat h1", "heat h2", "heat h3", "heat h4", "heat h5"};
constexpr int heat_levels = std::size(heat);

std::vector<std::string> values_of(const View& capacity, const std::string& axis) {
  std::vector<std::string> out;
  for (const View& search : capacity["searches"].items()) {
    const std::string value = search["axes"][axis].text("?");
    if (std::ranges::find(out, value) == out.end()) out.push_back(value);
  }
  return out;
}

void draw_map(Svg& svg, const View& capacity, const std::string& across, const std::string& down) {
  const auto columns = values_of(capacity, across), rows = values_of(capacity, down);
  const auto place = [](const std::vector<std::string>& all, const std::string& value) {
    return static_cast<double>(std::ranges::find(all, value) - all.begin());
  };
  const double left = svg.size().narrow ? 74 : 120, top = 24, bottom = 40;
  const double width = (svg.size().width - left - 10) / static_cast<double>(columns.size());
  const double height = (svg.size().height - top - bottom) / static_cast<double>(rows.size());
  const double most = most_of(capacity);
  for (const View& search : capacity["searches"].items()) {
    const double x = left + width * place(columns, search["axes"][across].text("?"));
    const double y = top + height * place(rows, search["axes"][down].text("?"));
    const auto lower = search["lower_per_s"].number();
    const double share = lower && most > 0 ? *lower / most : 0;
    const int level = std::clamp(static_cast<int>(share * heat_levels), 0, heat_levels - 1);
    svg.rect(x + 1, y + 1, width - 2, height - 2, heat[level],
             search["name"].text() + ": " + interval_text(search));
    const auto said = lower ? (search["outcome"].is("at_least") ? ">= " : "") + rate_text(*lower)
                            : interval_text(search);
    svg.text({x + width / 2, y + height / 2 + 4}, Svg::Anchor::middle, said, "heat-value");
  }
  for (std::size_t i = 0; i < columns.size(); ++i)
    svg.text({left + width * (static_cast<double>(i) + 0.5), svg.size().height - bottom + 16},
             Svg::Anchor::middle, columns[i]);
  for (std::size_t i = 0; i < rows.size(); ++i)
    svg.text({left - 8, top + height * (static_cast<double>(i) + 0.5) + 4}, Svg::Anchor::end,
             rows[i]);
  svg.text({left + width * static_cast<double>(columns.size()) / 2, svg.size().height - 6},
           Svg::Anchor::middle, across, "axis");
  svg.text({4, 12}, Svg::Anchor::start, down, "axis");
}

std::string map_html(const View& capacity, const std::string& across, const std::string& down) {
  Figure figure;
  figure.heading = "Capacity over " + across + " and " + down;
  figure.description = "The lower end of each answer, darker where it is higher.";
  const auto rows = static_cast<double>(values_of(capacity, down).size());
  figure.wide_height = figure.narrow_height = 64 + 46 * rows;
  figure.draw = [capacity, across, down](Svg& svg) { draw_map(svg, capacity, across, down); };
  return html(figure);
}

// --- the whole ---

std::string answers_html(const View& capacity) {
  Table table({{"Search"},
               {"Answer"},
               {"Holds at", Align::right},
               {"Fails at", Align::right},
               {"Bound by"},
               {"Outcome"}});
  std::string notes;
  for (const View& search : capacity["searches"].items()) {
    table.row({text(search["name"]), escape(interval_text(search)),
               search["lower_per_s"] ? number(search["lower_per_s"]) : "-",
               search["upper_per_s"] ? number(search["upper_per_s"]) : "-",
               escape(bound_text(search)), text(search["outcome"])});
    for (const View& note : search["notes"].items())
      notes += "<li>" + text(search["name"]) + ": " + text(note) + "</li>\n";
    for (const View& evidence : search["bound"]["evidence"].items())
      notes += "<li>" + text(search["name"]) + ": " + text(evidence) + "</li>\n";
  }
  if (table.empty()) return "<p>Searches: " + absent() + ".</p>\n";
  if (!notes.empty()) notes = "<ul>" + notes + "</ul>\n";
  if (!notes.empty() && capacity["searches"].size() > 1) notes = details("Notes", notes);
  return table.html("What each search found") + notes;
}

std::string targets_html(const View& capacity) {
  std::string out;
  for (const View& slo : capacity["slo"].items()) out += (out.empty() ? "" : ", ") + code(slo);
  return out.empty() ? "" : "<p>Targets: " + out + ".</p>\n";
}

std::string curves_html(const View& record) {
  const auto searches = record["capacity"]["searches"].items();
  if (searches.size() == 1) return curve_html(record, searches.front(), true);
  std::string out;
  for (const View& search : searches) out += curve_html(record, search, false);
  return out.empty() ? "" : details("Latency against throughput, of each search", out);
}

std::string render_whole(const View& record) {
  const View capacity = record["capacity"];
  if (!capacity) return "";
  std::vector<std::string> axes;
  for (const View& axis : capacity["axes"].items()) axes.push_back(axis.text());
  std::string chart;
  if (axes.size() == 1) chart = axis_html(capacity, axes[0]);
  if (axes.size() == 2) chart = map_html(capacity, axes[0], axes[1]);
  return targets_html(capacity) + answers_html(capacity) + chart + curves_html(record);
}

std::string render(const View&) { return ""; }

const PanelRegistration registered{
    {.order = 11,
     .id = "capacity",
     .title = "How much it takes",
     .note = "The answer lies between a load at which the targets held, again at the end, and one "
             "at which they did not. The knee is where p99 of response lies furthest below the "
             "straight line from its lowest load to its highest, both axes scaled from 0 to 1.",
     .render = render,
     .render_whole = render_whole}};

}  // namespace

}  // namespace seatrial::reports::page
