// Of a run with more trials than the page draws in full: one small chart per variant, its repeats
// as a band, and a row for each trial.
#include <algorithm>
#include <cmath>
#include <map>

#include "reports/format.hpp"
#include "reports/page/drawn.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/svg.hpp"
#include "reports/page/timeline.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports::page {

namespace {

constexpr Size small{240, 96, true, true};
constexpr int columns = 60;  // of a small chart; each shows the worst second that falls into it

// By column, one value for each trial that has one.
using Columns = std::map<int, std::vector<double>>;

int column_of(Span span, double t_s) {
  return static_cast<int>((t_s - span.from) / (span.to - span.from) * columns);
}

std::map<int, double> worst_p99(const View& trial, Span span) {
  std::map<int, double> out;
  for (const auto& series : trial["series"].items()) {
    for (const auto& point : series["points"].items()) {
      const auto ns = point["response"]["p99_ns"].number();
      const auto t = point["t_s"].number();
      if (!ns || !t || *ns <= 0) continue;
      double& worst = out[column_of(span, *t)];
      worst = std::max(worst, *ns);
    }
  }
  return out;
}

Columns columns_of(const VariantTrials& variant, Span span) {
  Columns out;
  for (const auto& trial : variant.trials) {
    for (const auto& [column, ns] : worst_p99(trial, span)) out[column].push_back(ns);
  }
  for (auto& [column, values] : out) std::ranges::sort(values);
  return out;
}

struct Bounds {
  double low_ns = 1e9;
  double high_ns = 1e6;
};

Bounds bounds_of(const std::vector<Columns>& all) {
  Bounds bounds;
  for (const auto& variant : all) {
    for (const auto& [column, values] : variant) {
      bounds.low_ns = std::min(bounds.low_ns, values.front());
      bounds.high_ns = std::max(bounds.high_ns, values.back());
    }
  }
  return bounds;
}

std::string small_chart(const VariantTrials& variant, const Columns& values, const Bounds& bounds,
                        std::size_t index) {
  Svg svg(small, variant.name, "Response p99 over time: the median of the trials, and their span.");
  const Scale x{0, columns, 34, small.width - 4};
  const Scale y{bounds.low_ns, bounds.high_ns, small.height - 6, 6, true};
  for (const double tick : log_ticks(bounds.low_ns, bounds.high_ns)) {
    svg.line({x.px_from, y(tick)}, {x.px_to, y(tick)}, "grid");
    svg.text({x.px_from - 4, y(tick) + 4}, Svg::Anchor::end, tick_duration(tick));
  }
  std::vector<Point> low, middle, high;
  for (const auto& [column, each] : values) {
    low.push_back({x(column), y(each.front())});
    middle.push_back({x(column), y(each[each.size() / 2])});
    high.push_back({x(column), y(each.back())});
  }
  const auto kind = series_kind(index);
  if (variant.trials.size() > 1) svg.area(high, low, kind + " area", "");
  svg.path(middle, kind + " ln", "");
  return svg.html();
}

// PASS of all, or how many gave which.
std::string verdicts_text(const VariantTrials& variant) {
  std::map<std::string, int> count;
  for (const auto& trial : variant.trials) ++count[trial["verdict"].text("none")];
  std::string out;
  for (const auto& [verdict, trials] : count)
    out += (out.empty() ? "" : ", ") + std::to_string(trials) + " " + verdict;
  return out;
}

std::string charts_html(const std::vector<VariantTrials>& variants, Span span) {
  std::vector<Columns> values;
  for (const auto& variant : variants) values.push_back(columns_of(variant, span));
  const Bounds bounds = bounds_of(values);
  std::string out;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    out += "<li><h4>" + escape(variants[i].name) + "</h4><p class=\"small\">" +
           escape(verdicts_text(variants[i])) + "</p>" +
           small_chart(variants[i], values[i], bounds, i) + "</li>\n";
  }
  return "<ul class=\"multiples\">\n" + out + "</ul>\n";
}

std::string rows_html(const View& record) {
  using Align = Table::Align;
  Table table({{"Trial", Align::right},
               {"Variant"},
               {"Repeat", Align::right},
               {"Verdict"},
               {"Acked messages lost", Align::right},
               {"Why"}});
  std::size_t place = 0;
  for (const auto& trial : record["trials"].items()) {
    std::string why;
    for (const auto& reason : trial["reasons"].items())
      why += (why.empty() ? "" : "; ") + text(reason);
    const auto lost = trial["audit"]["totals"]["acked_lost"];
    table.row({std::to_string(++place), text(trial["variant"]), text(trial["repeat"]),
               pill(trial["verdict"]), lost ? escape(count_text(lost, "")) : absent(), why});
  }
  return details("Each trial", table.html("Verdicts of all trials"));
}

std::string render_whole(const View& record) {
  const std::size_t all = record["trials"].size();
  const std::size_t drawn = drawn_trials(record).size();
  if (drawn == all) return "";
  const auto span = time_span(record);
  const auto id = record["run"]["id"].text("RUN");
  return (span.empty() ? "" : charts_html(trials_by_variant(record), span)) + "<p>Below, " +
         std::to_string(drawn) + " of " + std::to_string(all) +
         " trials are drawn in full. <code>./seatrial report results/" + escape(id) +
         " --trial 1</code> makes <code>trials/1.html</code>.</p>\n" + rows_html(record);
}

std::string nothing(const View&) { return ""; }

const PanelRegistration registered{
    {.order = 15,
     .id = "trials",
     .title = "All trials",
     .note =
         "The 99th percentile of response by the second in which messages fell due, on the same "
         "axes: the line is the median of a variant's trials, the band their span.",
     .render = nothing,
     .render_whole = render_whole}};

}  // namespace

}  // namespace seatrial::reports::page
