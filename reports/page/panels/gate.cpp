// A gate: what differs between its sides, each metric's estimate against its limits, the pairs as
// slopes from baseline to candidate, and which pairs say nothing and why.
#include "reports/gate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "reports/format.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/svg.hpp"

namespace seatrial::reports::page {

namespace {

constexpr double row_height = 34, axis_height = 30;
constexpr Size slope{190, 150, true, true};

bool is_void(const View& gate, std::size_t pair) {
  return gate["pairs"].at(pair)["void"].size() > 0;
}

// --- the forest: effects, all on one axis ---

// As far as any interval or limit reaches, and a little further.
double widest(const View& gate) {
  double out = 0.05;
  for (const View& metric : gate["metrics"].items()) {
    for (const char* end : {"low", "high", "estimate"})
      out = std::max(out, std::abs(metric[end].number_or(0)));
    if (metric["gates"].boolean().value_or(true))
      out = std::max(out, std::log1p(metric["delta_max"].number_or(0)));
  }
  return std::min(out * 1.15, std::log(10.0));
}

void draw_limits(Svg& svg, const View& metric, const Scale& x, double top) {
  if (!metric["gates"].boolean().value_or(true)) return;
  const double from = x(std::log1p(metric["delta"].number_or(0)));
  const double to = x(std::log1p(metric["delta_max"].number_or(0)));
  svg.rect(from, top + 4, to - from, row_height - 8, "band f-held",
           "between what fails and what must be ruled out");
  svg.rect(to, top + 4, x.px_to - to, row_height - 8, "band f-gone",
           "so much worse is never passed");
}

void draw_metric(Svg& svg, const View& gate, const View& metric, const Scale& x, double top) {
  const double middle = top + row_height / 2;
  draw_limits(svg, metric, x, top);
  std::vector<Point> pairs;
  for (const View& pair : metric["pairs"].items()) {
    const auto effect = pair["effect"].number();
    if (effect && !is_void(gate, pair["pair"].count())) pairs.push_back({x(*effect), middle});
  }
  svg.dots(pairs, 2, "s1", "pairs");
  const auto estimate = metric["estimate"].number();
  if (!estimate) return;
  const double low = metric["low"].number_or(*estimate), high = metric["high"].number_or(*estimate);
  svg.path({{x(low), middle}, {x(high), middle}}, "s0 ln", "estimate");
  svg.dots({{x(*estimate), middle}}, 5, "s0", "estimate");
}

void draw_forest(Svg& svg, const View& gate) {
  const auto metrics = gate["metrics"].items();
  double left = svg.size().narrow ? 120 : 190;
  if (!svg.size().narrow) {
    for (const View& metric : metrics)
      left = std::max(left, text_width(metric["metric"].text("?")) + 14);
  }
  const double most = widest(gate);
  const double bottom = row_height * static_cast<double>(metrics.size());
  const Scale x{-most, most, left, svg.size().width - 12};
  for (const double share : linear_ticks(std::expm1(-most), std::expm1(most), 6)) {
    if (share <= -1) continue;
    const double at = x(std::log1p(share));
    svg.line({at, 0}, {at, bottom}, share == 0 ? "grid zero" : "grid");
    svg.text({at, bottom + 18}, Svg::Anchor::middle, percent_text(share));
  }
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const double top = row_height * static_cast<double>(i);
    svg.text({left - 8, top + row_height / 2 + 4}, Svg::Anchor::end,
             metrics[i]["metric"].text("?"));
    draw_metric(svg, gate, metrics[i], x, top);
  }
}

std::string forest(const View& gate) {
  Figure figure;
  figure.heading = "How much worse: positive is worse";
  figure.description =
      "Of each metric the estimated change with its interval, the pairs as dots, and the limits: "
      "from where on it fails, and what must be ruled out for it to pass.";
  figure.legend = {{"estimate", "estimate and interval", "s0", "line"},
                   {"pairs", "pairs", "s1", "dot"},
                   {"", "fails, if no chance", "k-isr-less", "box"},
                   {"", "must be ruled out", "k-gap", "box"}};
  figure.wide_height = figure.narrow_height =
      row_height * static_cast<double>(gate["metrics"].size()) + axis_height;
  figure.draw = [gate](Svg& svg) { draw_forest(svg, gate); };
  return html(figure);
}

// --- slopes: what each pair was measured at ---

std::string slope_chart(const View& gate, const View& metric) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const View& pair : metric["pairs"].items()) {
    for (const char* side : {"baseline", "candidate"}) {
      if (const auto value = pair[side].number()) {
        low = std::min(low, *value);
        high = std::max(high, *value);
      }
    }
  }
  if (low > high) return "";
  const double margin = std::max((high - low) * 0.08, high * 0.01);
  const Scale y{std::max(0.0, low - margin), high + margin, slope.height - 22, 8};
  const double left = 62, right = slope.width - 12;
  Svg svg(slope, metric["metric"].text("?"),
          "A line for each pair, from its baseline to its candidate; dashed where it is void.");
  for (const double at : {left, right}) svg.line({at, y.px_to}, {at, y.px_from}, "grid");
  for (const double value : {low, high}) {
    const nlohmann::json plain = value;
    svg.text({left - 5, y(value) + 4}, Svg::Anchor::end, gate_value(metric, View(plain)));
  }
  for (const View& pair : metric["pairs"].items()) {
    const auto a = pair["baseline"].number(), b = pair["candidate"].number();
    if (!a || !b) continue;
    const bool without = is_void(gate, pair["pair"].count());
    svg.path({{left, y(*a)}, {right, y(*b)}}, without ? "s7 ln dash" : "s0 ln thin", "");
  }
  svg.text({left, slope.height - 5}, Svg::Anchor::middle, "baseline");
  svg.text({right, slope.height - 5}, Svg::Anchor::end, "candidate");
  return "<li><h4>" + escape(metric["metric"].text("?")) + "</h4>" + svg.html() + "</li>\n";
}

std::string slopes(const View& gate) {
  std::string out;
  for (const View& metric : gate["metrics"].items()) out += slope_chart(gate, metric);
  return out.empty() ? "" : "<ul class=\"multiples\">\n" + out + "</ul>\n";
}

// --- tables ---

std::string settings(const View& gate) {
  Table table({{"Setting"}, {"Baseline"}, {"Candidate"}});
  for (const View& row : gate["differs"].items()) {
    const auto side = [&](const char* name) {
      return row[name] ? code(row[name]) : "<span class=\"none\">as in the scenario</span>";
    };
    table.row({code(row["setting"]), side("baseline"), side("candidate")}, "differs");
  }
  return table.empty() ? "<p>Nothing differs: the scenario is compared with itself.</p>\n"
                       : table.html("What differs between baseline and candidate");
}

std::string sides(const View& gate) {
  if (const View against = gate["against"]) {
    return "<p><strong>Weaker than pairs:</strong> compared with the stored run " +
           code(against["run"]) + " of " + text(against["started_at"]) + ", " +
           count(against["trials"]) +
           " valid trials; whatever changed on this machine since then counts too.</p>\n" +
           settings(gate);
  }
  return settings(gate);
}

std::string or_dash(const View& value, std::string (*html)(const View&)) {
  return value ? html(value) : "-";
}

std::string results(const View& gate) {
  using Align = Table::Align;
  Table table({{"Metric"},
               {"Baseline", Align::right},
               {"Candidate", Align::right},
               {"Change", Align::right},
               {"Fails / passes", Align::right},
               {"p of worse", Align::right},
               {"Would detect", Align::right},
               {"Outcome"}});
  for (const auto& row : gate_rows(gate)) {
    table.row({code(row.metric["metric"]), escape(row.baseline), escape(row.candidate),
               escape(row.change), escape(row.limits), or_dash(row.metric["p_worse"], number),
               or_dash(row.metric["minimum_detectable"], share),
               row.outcome == "shown" ? "shown" : pill(row.metric["outcome"])});
  }
  return table.html("Each metric of the gate");
}

std::string values(const View& gate) {
  using Align = Table::Align;
  Table table({{"Pair", Align::right},
               {"Metric"},
               {"Baseline", Align::right},
               {"Candidate", Align::right},
               {"Change", Align::right},
               {"Why"}});
  for (const View& metric : gate["metrics"].items()) {
    for (const View& pair : metric["pairs"].items()) {
      const auto effect = pair["effect"].number();
      table.row({std::to_string(pair["pair"].count() + 1), code(metric["metric"]),
                 escape(gate_value(metric, pair["baseline"])),
                 escape(gate_value(metric, pair["candidate"])),
                 effect ? escape(percent_text(change_of(metric, *effect))) : "-",
                 text(pair["why"])});
    }
  }
  return table.empty() ? "" : details("The pairs in numbers", table.html("Each pair's values"));
}

std::string voids_html(const View& gate) {
  std::string out;
  for (const auto& pair : void_pairs(gate)) out += "<li>" + escape(pair) + "</li>";
  return out.empty() ? "" : "<h3>Void pairs</h3>\n<ul>" + out + "</ul>\n";
}

std::string certification(const View& gate) {
  std::string out;
  for (const View& sentence : gate["certification"].items())
    out += "<li>" + text(sentence) + "</li>";
  return out.empty() ? "" : "<h3>What gates can tell on this machine</h3>\n<ul>" + out + "</ul>\n";
}

std::string render(const View& record) {
  const View gate = record["gate"];
  if (!gate) return "";
  return sides(gate) + results(gate) + forest(gate) + slopes(gate) + voids_html(gate) +
         certification(gate) + values(gate);
}

const PanelRegistration registered{
    {.order = 12,
     .id = "gate",
     .title = "Baseline and candidate",
     .note = "Each pair is two trials on fresh brokers, one after the other. A change is the "
             "median of all averages of two pairs (Hodges and Lehmann); whether it is chance, the "
             "exact signed-rank test says.",
     .render = render}};

}  // namespace

}  // namespace seatrial::reports::page
