// What the brokers themselves used: a table per trial of what measure took, and over time CPU,
// memory, bytes to disk, collector pauses and the time that requests spent inside of brokers.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double left_wide = 70;
constexpr double left_narrow = 56;

// A strip of the chart: a line per node.
struct Quantity {
  const char* heading;
  const char* axis;
  View (*of)(const View& point);
  std::string (*tick)(double);
  std::string (*text)(const View&, std::string_view);
  std::string (*cell)(const View&);
  bool adds_up = false;  // a point has the sum of its seconds
};

std::string tick_bytes(double n) { return tick_count(n); }
std::string tick_cores(double n) {
  std::string text = std::to_string(std::round(n * 100) / 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

const Quantity quantities[] = {
    {"CPU", "cores", [](const View& p) { return p["cpu"]; }, tick_cores, number_text, number},
    {"Resident memory", "bytes", [](const View& p) { return p["rss_bytes"]; }, tick_bytes,
     bytes_text, bytes},
    {"Written to disk", "bytes/s", [](const View& p) { return p["write_bytes"]; }, tick_bytes,
     bytes_text, bytes, true},
    {"Network, received", "bytes/s", [](const View& p) { return p["net_in_bytes"]; }, tick_bytes,
     bytes_text, bytes, true},
    {"Produce requests, mean time in the broker", "",
     [](const View& p) { return p["requests"]["produce"]["total_ns"]; }, tick_duration,
     duration_text, duration},
};

struct Line {
  std::string name;
  std::string kind;
  std::vector<std::pair<PointTime, View>> points;
};

// By second.
std::optional<double> value_of(const View& point, const Quantity& quantity) {
  const auto time = time_of(point);
  const auto value = quantity.of(point).number();
  if (!time || !value) return std::nullopt;
  return quantity.adds_up ? *value / time->length_s : *value;
}

std::string readout_text(const View& point, const Quantity& quantity) {
  if (!quantity.adds_up) return quantity.text(quantity.of(point), "");
  const nlohmann::json rate = std::llround(value_of(point, quantity).value_or(0));
  return quantity.text(View(rate), "");
}

std::string name_of(const View& node) { return "node " + node.text("?"); }

// What was sampled beyond the axis, while the cluster settled, is left to the record.
std::vector<Line> lines_of(const View& trial, const Quantity& quantity, Span span) {
  std::map<std::int64_t, Line> lines;
  for (const auto& point : trial["broker_series"].items()) {
    const auto node = point["node"].integer();
    const auto time = time_of(point);
    if (!node || !value_of(point, quantity) || time->middle_s() > span.to) continue;
    lines[*node].name = name_of(point["node"]);
    lines[*node].points.emplace_back(*time, point);
  }
  std::vector<Line> out;
  for (auto& [node, line] : lines) {
    line.kind = series_kind(out.size());
    out.push_back(std::move(line));
  }
  return out;
}

double highest(const View& record, const Quantity& quantity) {
  double high = 0;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& point : trial["broker_series"].items()) {
      high = std::max(high, value_of(point, quantity).value_or(0));
    }
  }
  return high;
}

void draw_axis(Svg& svg, const TimeFrame& frame, const Scale& y, double left,
               const std::string& axis, std::string (*tick_text)(double)) {
  for (const double tick : linear_ticks(0, y.to, 3)) {
    svg.line({frame.x.px_from, y(tick)}, {frame.x.px_to, y(tick)}, "grid");
    svg.text({left - 8, y(tick) + 4}, Svg::Anchor::end, tick_text(tick));
  }
  svg.text({0, frame.top - 6}, Svg::Anchor::start, axis, "axis");
}

// A node that was down for a while has a gap, which no line may bridge.
void draw_line(Svg& svg, const TimeFrame& frame, const Scale& y, const Line& line,
               const Quantity& quantity) {
  std::vector<Point> run;
  double end_s = 0;
  const auto flush = [&] {
    if (run.size() > 1) svg.path(run, line.kind + " ln", line.name);
    if (run.size() == 1) svg.dots(run, 2, line.kind, line.name);
    run.clear();
  };
  for (const auto& [time, point] : line.points) {
    if (!run.empty() && time.from_s > end_s + 0.5) flush();
    run.push_back({frame.x(time.middle_s()), y(*value_of(point, quantity))});
    end_s = time.end_s();
  }
  flush();
}

void draw(Svg& svg, const View& trial, const Quantity& quantity, const std::vector<Line>& lines,
          Span span, double high) {
  const double left = svg.size().narrow ? left_narrow : left_wide;
  const auto frame = draw_time_frame(svg, trial, span, left);
  const Scale y{0, high > 0 ? high * 1.08 : 1, frame.bottom, frame.top + 4};
  draw_axis(svg, frame, y, left, quantity.axis, quantity.tick);
  std::vector<ReadoutSeries> readout;
  for (const auto& line : lines) {
    draw_line(svg, frame, y, line, quantity);
    ReadoutSeries series{line.name, line.kind, {}};
    for (const auto& [time, point] : line.points) {
      series.points.push_back({time.middle_s(), y(*value_of(point, quantity)), when(point),
                               readout_text(point, quantity)});
    }
    readout.push_back(std::move(series));
  }
  svg.set_plot(plot_json("time", frame.x, frame.top, frame.bottom, readout));
}

std::string numbers(const View& trial, const Quantity& quantity) {
  using Align = Table::Align;
  if (is_joined(trial["broker_series"])) return numbers_elsewhere();
  Table table({{"Node", Align::right}, {"Second", Align::right}, {"Value", Align::right}});
  for (const auto& point : trial["broker_series"].items()) {
    const auto value = quantity.of(point);
    if (value) table.row({number(point["node"]), number(point["t_s"]), quantity.cell(value)});
  }
  return table.html(quantity.heading);
}

std::string chart(const View& record, const View& trial, const Quantity& quantity) {
  const auto span = time_span(record);
  const auto lines = lines_of(trial, quantity, span);
  if (lines.empty() || span.empty()) return "";
  auto figure = time_figure(trial, span, left_wide, left_narrow, 80);
  figure.heading = trial_heading(record, trial) + ": " + quantity.heading;
  figure.description = std::string(quantity.heading) + " of each node, by second.";
  for (const auto& line : lines) figure.legend.push_back({line.name, line.name, line.kind, "line"});
  figure.table_html = numbers(trial, quantity);
  const double high = highest(record, quantity);
  figure.draw = [&](Svg& svg) { draw(svg, trial, quantity, lines, span, high); };
  return html(figure);
}

// --- pauses of the garbage collectors, as dots: most seconds have none ---

double longest_pause(const View& record) {
  double high = 0;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& row : trial["brokers"].items()) {
      high = std::max(high, row["gc"]["max_ns"].number().value_or(0));
    }
  }
  return high;
}

void draw_pauses(Svg& svg, const View& trial, Span span, double high) {
  const double left = svg.size().narrow ? left_narrow : left_wide;
  const auto frame = draw_time_frame(svg, trial, span, left);
  const Scale y{0, high * 1.08, frame.bottom, frame.top + 4};
  draw_axis(svg, frame, y, left, "", tick_duration);
  std::size_t index = 0;
  for (const auto& row : trial["brokers"].items()) {
    std::vector<Point> dots;
    for (const auto& pause : row["gc"]["pauses"].items()) {
      const auto at = pause.at(0).number();
      const auto length = pause.at(1).number();
      if (at && length) dots.push_back({frame.x(*at), y(*length)});
    }
    svg.dots(dots, 2.5, series_kind(index++), name_of(row["node"]));
  }
}

std::string pauses_chart(const View& record, const View& trial) {
  const auto span = time_span(record);
  const double high = longest_pause(record);
  if (span.empty() || high <= 0) return "";
  auto figure = time_figure(trial, span, left_wide, left_narrow, 80);
  figure.heading = trial_heading(record, trial) + ": Pauses of the garbage collector";
  figure.description = "Each dot is a pause within measure: when it began, and how long it was.";
  std::size_t index = 0;
  Table table({{"Node", Table::Align::right},
               {"Second", Table::Align::right},
               {"Pause", Table::Align::right}});
  for (const auto& row : trial["brokers"].items()) {
    const auto kind = series_kind(index++);
    const auto pauses = row["gc"]["pauses"].items();
    if (!pauses.empty())
      figure.legend.push_back({name_of(row["node"]), name_of(row["node"]), kind, "dot"});
    for (const auto& pause : pauses) {
      table.row({number(row["node"]), number(pause.at(0)), duration(pause.at(1))});
    }
  }
  figure.table_html = table.html("Pauses of the garbage collector");
  figure.draw = [&](Svg& svg) { draw_pauses(svg, trial, span, high); };
  return html(figure);
}

// --- tables ---

std::string summary_html(const View& trial) {
  using Align = Table::Align;
  Table table({{"Node", Align::right},
               {"Role"},
               {"CPU, mean cores", Align::right},
               {"at most", Align::right},
               {"Memory at most", Align::right},
               {"Written to disk", Align::right},
               {"Read from disk", Align::right},
               {"Major faults", Align::right},
               {"Received", Align::right},
               {"Sent", Align::right}});
  for (const auto& row : trial["brokers"].items()) {
    table.row({number(row["node"]), text(row["role"]), number(row["cpu"]), number(row["cpu_max"]),
               bytes(row["rss_max_bytes"]), bytes(row["write_bytes"]), bytes(row["read_bytes"]),
               count(row["major_faults"]), bytes(row["net_in_bytes"]),
               bytes(row["net_out_bytes"])});
  }
  return table.empty() ? "" : table.html("What each node used within measure");
}

std::string jvm_html(const View& trial) {
  using Align = Table::Align;
  Table table({{"Node", Align::right},
               {"Collector's pauses", Align::right},
               {"of the whole heap", Align::right},
               {"in all", Align::right},
               {"longest", Align::right},
               {"fsyncs of segments", Align::right},
               {"Under-replicated at most", Align::right}});
  for (const auto& row : trial["brokers"].items()) {
    const auto gc = row["gc"];
    table.row({number(row["node"]), count(gc["count"]), count(gc["full"]), duration(gc["total_ns"]),
               duration(gc["max_ns"]), count(row["flushes"]), count(row["under_replicated_max"])});
  }
  return table.empty() ? "" : table.html("What each node's JVM reported");
}

std::string requests_html(const View& trial) {
  using Align = Table::Align;
  static constexpr std::pair<const char*, const char*> parts[] = {
      {"total", "Total"},      {"queue", "Request queue"},           {"local", "Local"},
      {"remote", "Remote"},    {"response_queue", "Response queue"}, {"response_send", "Send"},
      {"throttle", "Throttle"}};
  std::vector<Table::Head> heads{{"Node", Align::right}, {"Request"}, {"Count", Align::right}};
  for (const auto& [key, title] : parts) heads.push_back({title, Align::right});
  Table table(heads);
  for (const auto& row : trial["brokers"].items()) {
    for (const auto& [kind, times] : row["requests"].entries()) {
      std::vector<std::string> cells{number(row["node"]), escape(kind), count(times["count"])};
      for (const auto& [key, title] : parts) {
        cells.push_back(duration(times[key]["mean_ns"]) + " / " + duration(times[key]["p99_ns"]));
      }
      table.row(cells);
    }
  }
  if (table.empty()) return "";
  return details("Times of requests inside of brokers, mean / p99",
                 table.html("Times of requests inside of brokers"));
}

std::string render_trial(const View& record, const View& trial) {
  std::string out = "<h3>" + escape(trial_heading(record, trial)) + "</h3>\n";
  const auto summary = summary_html(trial);
  if (summary.empty()) return out + "<p>Broker resources: " + absent() + ".</p>\n";
  out += summary + jvm_html(trial) + requests_html(trial);
  for (const auto& quantity : quantities) out += chart(record, trial, quantity);
  return out + pauses_chart(record, trial);
}

// Clusters without processes of their own (the mock) have nothing to tell.
std::string render(const View& record) {
  for (const auto& trial : record["trials"].items()) {
    if (trial["brokers"].size() > 0 || trial["broker_series"].size() > 0)
      return per_trial(record, render_trial);
  }
  return "";
}

const PanelRegistration registered{
    {.order = 93,
     .id = "brokers",
     .title = "Broker resources",
     .note = "Of each node's process. Of requests, local is the leader's own work and remote the "
             "wait for followers or for data; their p99 is the brokers' own, over some minutes.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
