// What the brokers themselves used, over time and on the same axes for all variants: CPU, memory,
// bytes to disk, collector pauses and the time that requests spent inside of brokers. Tables of
// what measure took are behind a fold.
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

constexpr Size small{250, 118, true, true};

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

std::string tick_cores(double n) {
  std::string text = std::to_string(std::round(n * 100) / 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

const Quantity quantities[] = {
    {"CPU", "cores", [](const View& p) { return p["cpu"]; }, tick_cores, number_text, number},
    {"Resident memory", "", [](const View& p) { return p["rss_bytes"]; }, tick_bytes, bytes_text,
     bytes},
    {"Written to disk", "per second", [](const View& p) { return p["write_bytes"]; }, tick_bytes,
     bytes_text, bytes, true},
    {"Network, received", "per second", [](const View& p) { return p["net_in_bytes"]; }, tick_bytes,
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

void draw_frame(Svg& svg, const View& trial, const Scale& x, const Scale& y,
                std::string (*tick_text)(double)) {
  for (const auto& fault : trial["faults"].items()) {
    const auto from = fault["injected_s"].number();
    if (!from || *from > x.to) continue;
    const double to = fault["healed_s"].number().value_or(x.to);
    svg.rect(x(*from), y.px_to, x(to) - x(*from), y.px_from - y.px_to, "band " + fault_kind(fault));
  }
  for (const double tick : linear_ticks(0, y.to, 3)) {
    svg.line({x.px_from, y(tick)}, {x.px_to, y(tick)}, "grid");
    svg.text({x.px_from - 4, y(tick) + 4}, Svg::Anchor::end, tick_text(tick));
  }
  for (const double tick : linear_ticks(x.from, x.to, 4))
    svg.text({x(tick), small.height - 4}, Svg::Anchor::middle, decimal(tick, 3));
}

// A node that was down for a while has a gap, which no line may bridge.
void draw_line(Svg& svg, const Scale& x, const Scale& y, const Line& line,
               const Quantity& quantity) {
  std::vector<Point> run;
  double end_s = 0;
  const auto flush = [&] {
    svg.path(run, line.kind + " ln thin", line.name);
    run.clear();
  };
  for (const auto& [time, point] : line.points) {
    if (!run.empty() && time.from_s > end_s + 0.5) flush();
    run.push_back({x(time.middle_s()), y(*value_of(point, quantity))});
    end_s = time.end_s();
  }
  flush();
}

Scale time_axis(Span span) { return {span.from, span.to, 46, small.width - 6}; }
Scale height_of(double high) { return {0, high > 0 ? high * 1.08 : 1, small.height - 18, 6}; }

std::string titled(const View& record, const View& trial, const std::string& heading,
                   const std::string& drawing) {
  return "<li><h4>" + escape(heading) + "</h4><p class=\"small\">" +
         escape(trial_heading(record, trial)) + "</p>" + drawing + "</li>\n";
}

std::string chart(const View& record, const View& trial, const Quantity& quantity, Span span,
                  double high) {
  const auto lines = lines_of(trial, quantity, span);
  if (lines.empty()) return "";
  Svg svg(small, trial_heading(record, trial) + ": " + quantity.heading,
          std::string(quantity.heading) + " of each node, by second.");
  const Scale x = time_axis(span), y = height_of(high);
  draw_frame(svg, trial, x, y, quantity.tick);
  std::vector<ReadoutSeries> readout;
  for (const auto& line : lines) {
    draw_line(svg, x, y, line, quantity);
    ReadoutSeries series{line.name, line.kind, {}};
    for (const auto& [time, point] : line.points) {
      series.points.push_back({time.middle_s(), y(*value_of(point, quantity)), when(point),
                               readout_text(point, quantity)});
    }
    readout.push_back(std::move(series));
  }
  svg.set_plot(plot_json("time", x, y.px_to, y.px_from, readout));
  const std::string axis = quantity.axis;
  return titled(record, trial, quantity.heading + (axis.empty() ? "" : ", " + axis), svg.html());
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

std::string pauses_chart(const View& record, const View& trial, Span span, double high) {
  const std::string heading = "Pauses of the garbage collector";
  Svg svg(small, trial_heading(record, trial) + ": " + heading,
          "Each dot is a pause within measure: when it began, and how long it was.");
  const Scale x = time_axis(span), y = height_of(high);
  draw_frame(svg, trial, x, y, tick_duration);
  std::size_t index = 0;
  bool any = false;
  for (const auto& row : trial["brokers"].items()) {
    std::vector<Point> dots;
    for (const auto& pause : row["gc"]["pauses"].items()) {
      const auto at = pause.at(0).number();
      const auto length = pause.at(1).number();
      if (at && length) dots.push_back({x(*at), y(*length)});
    }
    svg.dots(dots, 2.5, series_kind(index++), name_of(row["node"]));
    any = any || !dots.empty();
  }
  return !any ? "" : titled(record, trial, heading, svg.html());
}

// --- all of them ---

std::vector<Key> legend_of(const std::vector<View>& trials, Span span) {
  std::vector<Key> out;
  for (const auto& trial : trials) {
    for (const auto& line : lines_of(trial, quantities[0], span)) {
      const bool known =
          std::ranges::any_of(out, [&](const Key& key) { return key.label == line.name; });
      if (!known) out.push_back({line.name, line.name, line.kind, "line"});
    }
  }
  return out;
}

std::string numbers(const View& trial) {
  using Align = Table::Align;
  std::vector<Table::Head> heads{{"Node", Align::right}, {"Second", Align::right}};
  for (const auto& quantity : quantities) heads.push_back({quantity.heading, Align::right});
  Table table(heads);
  const bool joined = is_joined(trial["broker_series"]);
  for (const auto& point : trial["broker_series"].items()) {
    if (joined) break;
    std::vector<std::string> cells{number(point["node"]), number(point["t_s"])};
    for (const auto& quantity : quantities) {
      const auto value = quantity.of(point);
      cells.push_back(value ? quantity.cell(value) : "");
    }
    table.row(cells);
  }
  Table pauses({{"Node", Align::right}, {"Second", Align::right}, {"Pause", Align::right}});
  for (const auto& row : trial["brokers"].items()) {
    for (const auto& pause : row["gc"]["pauses"].items())
      pauses.row({number(row["node"]), number(pause.at(0)), duration(pause.at(1))});
  }
  return (joined ? numbers_elsewhere() : table.html("Resources of each node by second")) +
         (pauses.empty() ? "" : pauses.html("Pauses of the garbage collector"));
}

std::string charts(const View& record, const std::vector<View>& trials) {
  const auto span = time_span(record);
  if (span.empty()) return "";
  std::string out, all_numbers;
  for (const auto& quantity : quantities) {
    const double high = highest(record, quantity);
    for (const auto& trial : trials) out += chart(record, trial, quantity, span, high);
  }
  if (out.empty()) return "";
  if (const double high = longest_pause(record); high > 0) {
    for (const auto& trial : trials) out += pauses_chart(record, trial, span, high);
  }
  for (const auto& trial : trials)
    all_numbers += "<h4>" + escape(trial_heading(record, trial)) + "</h4>\n" + numbers(trial);
  return "<figure>\n" + legend_html(legend_of(trials, span)) + "<ul class=\"multiples plot\">\n" +
         out + "</ul>\n<details class=\"numbers\"><summary>The numbers</summary>\n" + all_numbers +
         "</details>\n</figure>\n";
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

std::string nearest_limit_html(const View& trial) {
  const View nearest = trial["nearest_limit"];
  if (!nearest) return "";
  return "<p>Nearest its limit, at " + share(nearest["strength"]) + ": " + code(nearest["name"]) +
         ", " + text(nearest["evidence"]) + ".</p>\n";
}

std::string tables(const View& record, const View& trial) {
  const auto summary = summary_html(trial);
  if (summary.empty()) {
    return "<p>" + escape(trial_heading(record, trial)) + ", broker resources: " + absent() +
           ".</p>\n";
  }
  return details(escape(trial_heading(record, trial)) + ", within measure",
                 nearest_limit_html(trial) + summary + jvm_html(trial) + requests_html(trial));
}

// Clusters without processes of their own (the mock) have nothing to tell.
std::string render(const View& record) {
  const bool any = std::ranges::any_of(record["trials"].items(), [](const View& trial) {
    return trial["brokers"].size() > 0 || trial["broker_series"].size() > 0;
  });
  if (!any) return "";
  const auto trials = trials_by_rank(record);
  return charts(record, trials.shown) + folded_trials(charts(record, trials.further)) +
         per_trial(record, tables);
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
