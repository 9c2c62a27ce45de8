// What passed the proxy: for each node and listener the bytes of requests and responses by API. Of
// a run without a proxy nothing.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double row_height = 26;
constexpr double bar_height = 16;
constexpr double axis_height = 20;
constexpr std::size_t most_apis = 6;  // with colours of their own

double bytes_of(const View& api) {
  return api["bytes_in"].number().value_or(0) + api["bytes_out"].number().value_or(0);
}

std::string name_of(const View& link) {
  const auto listener = link["listener"].text("?");
  return "node " + link["node"].text("?") + ", " +
         (listener == "client"        ? "clients"
          : listener == "replication" ? "brokers"
                                      : "controllers");
}

double total_of(const View& link) {
  double sum = 0;
  for (const auto& api : link["apis"].items()) sum += bytes_of(api);
  return sum;
}

// Of all trials, so that a colour means the same in each; those with most bytes first.
std::vector<std::string> apis_of(const View& record) {
  std::map<std::string, double> sums;
  for (const auto& trial : record["trials"].items()) {
    for (const auto& link : trial["network"].items()) {
      for (const auto& api : link["apis"].items()) sums[api["api"].text("?")] += bytes_of(api);
    }
  }
  std::vector<std::string> out;
  for (const auto& [name, sum] : sums) out.push_back(name);
  std::ranges::stable_sort(out, [&](const auto& a, const auto& b) { return sums[a] > sums[b]; });
  if (out.size() > most_apis) out.resize(most_apis);
  return out;
}

std::string kind_of(const std::vector<std::string>& apis, const std::string& api) {
  const auto at = std::ranges::find(apis, api);
  return at == apis.end() ? "s7" : series_kind(static_cast<std::size_t>(at - apis.begin()));
}

std::string bar_title(const View& link, const View& api) {
  return name_of(link) + ": " + api["api"].text("?") + ", " + count_text(api["requests"], "?") +
         " requests, " + bytes_text(api["bytes_in"], "?") + " in, " +
         bytes_text(api["bytes_out"], "?") + " out";
}

struct Rows {
  std::vector<View> links;
  std::vector<std::string> names, apis;
  double most = 0;
};

void draw(Svg& svg, const Rows& rows) {
  // Names are read whole, also where the figure is narrow: what they begin with is alike.
  double left = 0;
  for (const auto& name : rows.names) left = std::max(left, text_width(name) + 14);
  const double bottom = row_height * static_cast<double>(rows.links.size()) + 6;
  const Scale x{0, rows.most, left, svg.size().width - 12};
  for (const double tick : linear_ticks(0, x.to, svg.size().narrow ? 3 : 6)) {
    svg.line({x(tick), 0}, {x(tick), bottom}, "grid");
    svg.text({x(tick), bottom + 16}, Svg::Anchor::middle, tick_bytes(tick));
  }
  for (std::size_t i = 0; i < rows.links.size(); ++i) {
    const double top = row_height * static_cast<double>(i) + (row_height - bar_height) / 2;
    svg.text({left - 8, top + bar_height - 4}, Svg::Anchor::end, rows.names[i]);
    auto apis = rows.links[i]["apis"].items();
    std::ranges::stable_sort(apis, [&](const View& a, const View& b) {
      return kind_of(rows.apis, a["api"].text()) < kind_of(rows.apis, b["api"].text());
    });
    double begin = 0;
    for (const auto& api : apis) {
      const double end = begin + bytes_of(api);
      svg.rect(x(begin), top, std::max(x(end) - x(begin), 0.0), bar_height,
               "slice " + kind_of(rows.apis, api["api"].text("?")), bar_title(rows.links[i], api));
      begin = end;
    }
  }
}

std::string numbers(const View& trial) {
  using Align = Table::Align;
  Table table({{"Node", Align::right},
               {"Listener"},
               {"API"},
               {"Requests", Align::right},
               {"Responses", Align::right},
               {"In", Align::right},
               {"Out", Align::right}});
  for (const auto& link : trial["network"].items()) {
    for (const auto& api : link["apis"].items()) {
      table.row({number(link["node"]), text(link["listener"]), text(api["api"]),
                 count(api["requests"]), count(api["responses"]), bytes(api["bytes_in"]),
                 bytes(api["bytes_out"])});
    }
  }
  return table.html("Requests and bytes by node, listener and API");
}

std::string render_trial(const View& record, const View& trial) {
  Rows rows{.links = trial["network"].items(), .names = {}, .apis = apis_of(record)};
  if (rows.links.empty()) return "";
  for (const auto& link : rows.links) {
    rows.names.push_back(name_of(link));
    rows.most = std::max(rows.most, total_of(link));
  }
  if (rows.most <= 0) return "";
  Figure figure;
  figure.heading = trial_heading(record, trial);
  figure.description =
      "One bar for each node and listener: bytes of requests and responses, in "
      "the colours of their APIs.";
  for (std::size_t i = 0; i < rows.apis.size(); ++i)
    figure.legend.push_back({"", rows.apis[i], series_kind(i), "box"});
  figure.legend.push_back({"", "others", "s7", "box"});
  figure.wide_height = figure.narrow_height =
      row_height * static_cast<double>(rows.links.size()) + 6 + axis_height;
  figure.half = record["trials"].size() > 1;
  figure.draw = [&](Svg& svg) { draw(svg, rows); };
  figure.table_html = numbers(trial);
  return html(figure);
}

std::string render(const View& record) { return per_trial(record, render_trial); }

const PanelRegistration registered{
    {.order = 92,
     .id = "network",
     .title = "What passed the proxy",
     .note =
         "Bytes of requests and responses until the end of measure, by the node that was asked, "
         "who asked, and the API. The harness's own questions go around it.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
