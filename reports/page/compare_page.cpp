// A comparison as a page: the runs, what they measured, what they were set to.
#include <algorithm>
#include <limits>
#include <vector>

#include "reports/compare.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/page/figure.hpp"
#include "reports/page/html.hpp"
#include "reports/page/page.hpp"
#include "reports/page/svg.hpp"

namespace seatrial::reports {
namespace page {
namespace {

std::string letter(std::size_t run) { return std::string(1, static_cast<char>('A' + run)); }

std::string runs_html(const View& comparison) {
  Table table({{"Run"}, {"Scenario"}, {"Id"}, {"Started"}, {"Verdict"}, {"Labels"}});
  std::size_t run = 0;
  for (const View& row : comparison["runs"].items()) {
    table.row({letter(run++), text(row["scenario"]), code(row["id"]), text(row["started_at"]),
               pill(row["verdict"]), escape(pairs_text(row["labels"]))});
  }
  return table.html("The runs");
}

// One dot range for each run, all on one axis that begins at 0.
std::string ranges(const View& row) {
  constexpr double height_of_run = 14, left = 6;
  const auto runs = row["of"].items();
  Size size{220, height_of_run * static_cast<double>(runs.size()) + 4, true, true};
  double most = 0;
  for (const View& of : runs) most = std::max(most, of["most"].number_or(0));
  if (most <= 0) return "";
  Svg svg(size, row["metric"].text(), "For each run the median and the span of its trials.");
  const Scale x{0, most, left, size.width - 6};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i]) continue;
    const double y = height_of_run * (static_cast<double>(i) + 0.5) + 2;
    const auto kind = series_kind(i);
    svg.line({x.px_from, y}, {x.px_to, y}, "grid");
    svg.path({{x(runs[i]["least"].number_or(0)), y}, {x(runs[i]["most"].number_or(0)), y}},
             kind + " ln thin", "");
    svg.dots({{x(runs[i]["median"].number_or(0)), y}}, 4, kind, "");
  }
  return svg.html();
}

std::string rows_html(const View& comparison, const std::string& variant) {
  using Align = Table::Align;
  const std::size_t runs = comparison["runs"].size();
  std::vector<Table::Head> heads{{"Metric"}};
  for (std::size_t run = 0; run < runs; ++run) heads.push_back({letter(run), Align::right});
  for (std::size_t run = 1; run < runs; ++run)
    heads.push_back({letter(run) + " against A", Align::right});
  heads.push_back({"Median and span"});
  Table table(heads);
  for (const View& row : comparison["rows"].items()) {
    if (row["variant"].text() != variant) continue;
    std::vector<std::string> cells{code(row["metric"])};
    for (const View& of : row["of"].items()) cells.push_back(escape(gate_value(row, of["median"])));
    for (const View& change : row["change"].items())
      cells.push_back(escape(compare_change(change)));
    cells.push_back(ranges(row));
    table.row(cells);
  }
  return "<h3>" + escape(variant) + "</h3>\n" + table.html("Metrics of " + variant);
}

std::string settings_html(const View& comparison, bool differing) {
  std::vector<Table::Head> heads{{"Setting"}};
  for (std::size_t run = 0; run < comparison["runs"].size(); ++run) heads.push_back({letter(run)});
  Table table(heads);
  for (const View& setting : comparison["settings"].items()) {
    if (setting["differs"].boolean().value_or(false) != differing) continue;
    std::vector<std::string> cells{code(setting["name"])};
    for (const View& value : setting["values"].items())
      cells.push_back(value ? text(value) : absent());
    table.row(cells, differing ? "differs" : "");
  }
  if (table.empty()) return differing ? "<p>None.</p>\n" : "";
  return table.html(differing ? "Settings that differ" : "Settings that agree");
}

}  // namespace
}  // namespace page

std::string compare_page(const View& comparison) {
  using namespace page;
  const std::string title = std::to_string(comparison["runs"].size()) + " runs side by side";
  const std::string head =
      "<header class=\"top\">\n<p class=\"banner\" role=\"note\"><strong>No verdict:</strong> runs "
      "at other times differ for reasons that nobody controlled; a gate controls them.</p>\n<h1>" +
      title + "</h1>\n</header>\n";
  std::vector<std::string> variants;
  for (const View& row : comparison["rows"].items()) {
    const auto variant = row["variant"].text();
    if (std::ranges::find(variants, variant) == variants.end()) variants.push_back(variant);
  }
  std::string measured;
  for (const auto& variant : variants) measured += rows_html(comparison, variant);
  return framed(title, head,
                section("runs", "Runs", runs_html(comparison)) +
                    section("settings", "Settings that differ",
                            settings_html(comparison, true) +
                                details("Settings that agree", settings_html(comparison, false))) +
                    section("metrics", "What they measured", measured),
                comparison);
}

}  // namespace seatrial::reports
