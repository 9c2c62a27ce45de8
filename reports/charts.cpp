// Every chart of the page in one SVG file, for whatever shows pictures and no pages: panels below
// each other, their charts side by side where they fit, in the page's light colours.
//
// The charts are the page's own, cut out of its panels: what the page draws is drawn here, and a
// further panel's charts come along. Renderers without style variables can show it (librsvg).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/registry.hpp"
#include "core/units.hpp"
#include "record/report.hpp"
#include "reports/format.hpp"
#include "reports/page/assets.hpp"
#include "reports/page/drawn.hpp"
#include "reports/page/html.hpp"
#include "reports/page/panel.hpp"
#include "reports/page/svg.hpp"
#include "reports/summary.hpp"
#include "reports/variant_table.hpp"

namespace seatrial::reports {
namespace {

using page::escape;

// --- charts, cut out of a panel's markup ---

// What is between `open` and `close`, from `at` on, which moves behind it; nothing: neither.
std::optional<std::string_view> between(std::string_view html, std::size_t& at,
                                        std::string_view open, std::string_view close) {
  const auto begin = html.find(open, at);
  if (begin == html.npos) return std::nullopt;
  const auto from = begin + open.size();
  const auto to = html.find(close, from);
  if (to == html.npos) return std::nullopt;
  at = to + close.size();
  return html.substr(from, to - from);
}

// What page::escape made of a text.
std::string unescaped(std::string text) {
  for (const auto& [entity, character] :
       {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"}, std::pair{"&quot;", "\""},
        std::pair{"&#39;", "'"}, std::pair{"&amp;", "&"}}) {
    const std::string_view from = entity;
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + 1))
      text.replace(at, from.size(), character);
  }
  return text;
}

struct LegendKey {
  std::string kind, mark, label;  // the label is markup already
};

struct Chart {
  std::string title;  // plain text
  std::vector<LegendKey> legend;
  double width = 0, height = 0;
  std::string drawing;  // what the svg element holds, behind title and description
};

std::vector<LegendKey> legend_in(std::string_view list) {
  std::vector<LegendKey> out;
  std::size_t at = 0;
  while (const auto kind = between(list, at, "class=\"key ", "\"")) {
    const auto mark = between(list, at, "<i class=\"mark ", "\"");
    const auto label = between(list, at, "</i>", "</li>");
    if (!mark || !label) break;
    out.push_back({std::string(*kind), std::string(*mark), std::string(*label)});
  }
  return out;
}

// Nothing: it is the narrow twin of another one.
std::optional<Chart> chart_in(std::string_view element) {
  std::size_t at = 0;
  const auto tag = between(element, at, "<svg", ">\n");
  if (!tag || tag->find("class=\"narrow\"") != tag->npos) return std::nullopt;
  std::size_t in_tag = 0;
  const auto width = between(*tag, in_tag, "viewBox=\"0 0 ", " ");
  const auto height = width ? between(*tag, --in_tag, " ", "\"") : std::nullopt;
  const auto title = between(element, at, "<title>", "</title>");
  if (!height || !title || !between(element, at, "<desc>", "</desc>\n")) return std::nullopt;
  const auto w = parse_number(*width), h = parse_number(*height);
  if (!w || !h) return std::nullopt;
  return Chart{.title = unescaped(std::string(*title)),
               .legend = {},
               .width = *w,
               .height = *h,
               .drawing = std::string(element.substr(at))};
}

// A legend belongs to the next chart.
std::vector<Chart> charts_in(std::string_view html) {
  constexpr std::string_view list = "<ul class=\"legend\">", svg = "<svg";
  std::vector<Chart> out;
  std::vector<LegendKey> legend;
  std::size_t at = 0;
  while (true) {
    const auto next_list = html.find(list, at), next_svg = html.find(svg, at);
    if (next_svg == html.npos) return out;
    if (next_list < next_svg) {
      at = next_list;
      if (const auto keys = between(html, at, list, "</ul>")) legend = legend_in(*keys);
      else return out;
      continue;
    }
    const auto end = html.find("</svg>", next_svg);
    if (end == html.npos) return out;
    if (auto chart = chart_in(html.substr(next_svg, end - next_svg))) {
      chart->legend = std::exchange(legend, {});
      out.push_back(std::move(*chart));
    }
    at = end;
  }
}

// --- the style ---

// Of the page's sheet, for light backgrounds; that comes first in it.
std::string colour(const std::string& name) {
  std::size_t at = 0;
  const auto found = between(page::page_css, at, "--" + name + ":", ";");
  return std::string(found ? found->substr(0, found->find('}')) : "#000");
}

// A class with the colour of its lines and of its areas.
std::string inked(const std::string& kind, const std::string& of) {
  return fmt::format(".{0}.ln{{stroke:{1}}}\n.{0}.area,.{0}.dot,.{0}.box{{fill:{1}}}\n", kind,
                     colour(of));
}

std::string style() {
  std::string out = fmt::format(
      "text{{font:12px system-ui,\"DejaVu Sans\",sans-serif;fill:{soft}}}\n"
      "text.panel{{font-size:21px;font-weight:bold;fill:{ink}}}\n"
      "text.title{{font-size:14px;font-weight:bold;fill:{ink}}}\n"
      "text.faint{{font-size:11.5px;opacity:.75}}\ntext.axis{{font-size:12.5px}}\n"
      ".paper{{fill:{paper}}}\n.area-bg{{fill:{plot};stroke:{line};stroke-width:1}}\n"
      ".phase{{fill:{soft};opacity:.07}}\n.grid{{stroke:{grid};stroke-width:1}}\n"
      ".grid.zero{{stroke:{soft};opacity:.55}}\n",
      fmt::arg("soft", colour("soft")), fmt::arg("ink", colour("ink")),
      fmt::arg("paper", colour("bg")), fmt::arg("plot", colour("plot")),
      fmt::arg("line", colour("line")), fmt::arg("grid", colour("grid")));
  out +=
      ".ln{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}\n"
      ".ln.thin{stroke-width:1.3}\n.ln.broad{stroke-width:5;opacity:.42}\n"
      ".ln.dash{stroke-dasharray:5 5;stroke-width:1.8}\n.area{opacity:.1}\n.dot{opacity:.75}\n"
      ".band{opacity:.12}\ntext.fault,text.gap-label{font-weight:bold}\n";
  for (const auto& [kind, fill, ink] :
       {std::array{"f-held", "held", "warn"}, std::array{"f-gone", "gone", "bad"},
        std::array{"f-apart", "calm", "calm"}}) {
    out += fmt::format(".{0}.band,.{0}.bar{{fill:{1}}}\ntext.{0}{{fill:{2}}}\n", kind, colour(fill),
                       colour(ink));
  }
  out += fmt::format(
      ".up{{fill:{up};opacity:.4}}\n.gap,.isr-one{{fill:{gone}}}\n.isr-less{{fill:{held}}}\n"
      "text.gap-label{{fill:{bad}}}\ntext.on-node{{fill:{node};font-size:11.5px}}\n"
      ".leader.nobody{{fill:{gone}}}\n",
      fmt::arg("up", colour("s2")), fmt::arg("gone", colour("gone")),
      fmt::arg("held", colour("held")), fmt::arg("bad", colour("bad")),
      fmt::arg("node", colour("on-node")));
  for (int i = 0; i < 8; ++i) out += inked("s" + std::to_string(i), "s" + std::to_string(i));
  for (int i = 0; i < 6; ++i) {
    const std::string node = "n" + std::to_string(i);
    out += ".leader." + node + "{fill:" + colour(node) + "}\n" + inked("k-" + node, node);
  }
  return out + inked("k-up", "s2") + inked("k-gap", "gone") + inked("k-isr-one", "gone") +
         inked("k-nobody", "gone") + inked("k-isr-less", "held");
}

// --- the sheet ---

constexpr double margin = 24, gap = 20, line_height = 19;

// Of a chart's title, as many as it needs beside another chart; a word longer than that is cut.
std::vector<std::string> title_lines(const Chart& chart) {
  const auto letters = static_cast<std::size_t>(chart.width / 8.4);
  std::vector<std::string> out;
  for (const auto& line : wrap(chart.title, letters)) out.push_back(clip(line, letters));
  return out;
}

// How high a chart's legend is.
double legend_height(const Chart& chart) {
  double x = 0, height = chart.legend.empty() ? 0 : line_height;
  for (const auto& key : chart.legend) {
    const double width = 30 + page::text_width(key.label) + 14;
    if (x > 0 && x + width > chart.width) {
      x = 0;
      height += line_height;
    }
    x += width;
  }
  return height;
}

std::string mark_of(const LegendKey& key, double x, double y) {
  if (key.mark == "box" || key.mark == "hatch") {
    return fmt::format(
        "<rect class=\"{} box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"16\" "
        "height=\"11\"/>\n",
        key.kind, x, y - 10);
  }
  if (key.mark == "dot") {
    return fmt::format("<circle class=\"{} dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", key.kind,
                       x + 8, y - 4);
  }
  return fmt::format(
      "<line class=\"{} ln {}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" "
      "y2=\"{:.1f}\"/>\n",
      key.kind, key.mark, x, y - 4, x + 22, y - 4);
}

std::string legend_text(const Chart& chart, double left, double top) {
  std::string out;
  double x = 0, y = top + 14;
  for (const auto& key : chart.legend) {
    const double width = 30 + page::text_width(key.label) + 14;
    if (x > 0 && x + width > chart.width) {
      x = 0;
      y += line_height;
    }
    out += mark_of(key, left + x, y) +
           fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left + x + 28, y, key.label);
    x += width;
  }
  return out;
}

class Sheet {
 public:
  void panel(const std::string& title) {
    end_row();
    y_ += 34;
    out_ += fmt::format("<text class=\"panel\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", margin, y_,
                        escape(title));
    y_ += 16;
  }
  void chart(const Chart& chart) {
    if (x_ > margin && x_ + chart.width > margin + page::wide_width) end_row();
    double legend = y_;
    for (const auto& line : title_lines(chart)) {
      out_ += fmt::format("<text class=\"title\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x_,
                          legend + 14, escape(line));
      legend += line_height;
    }
    const double drawing = legend + legend_height(chart) + 2;
    out_ += legend_text(chart, x_, legend) +
            fmt::format(
                "<svg x=\"{0:.1f}\" y=\"{1:.1f}\" width=\"{2}\" height=\"{3}\" "
                "viewBox=\"0 0 {2} {3}\" overflow=\"visible\">\n{4}</svg>\n",
                x_, drawing, decimal(chart.width, 1), decimal(chart.height, 1), chart.drawing);
    lowest_ = std::max(lowest_, drawing + chart.height);
    x_ += chart.width + gap;
  }
  void note(const std::string& words) {
    end_row();
    out_ += fmt::format("<text x=\"{}\" y=\"{:.1f}\">{}</text>\n", margin, y_ + 14, escape(words));
    y_ += line_height;
  }
  [[nodiscard]] std::string document(const std::string& title) {
    end_row();
    const double width = page::wide_width + 2 * margin, height = y_ + margin;
    return fmt::format(
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
               "xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" "
               "viewBox=\"0 0 {0} {1:.0f}\">\n<title>{2}</title>\n",
               width, height, escape(title)) +
           "<style>\n" + style() + "</style>\n" +
           "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n" + out_ + "</svg>\n";
  }

 private:
  void end_row() {
    if (lowest_ > y_) y_ = lowest_ + gap;
    x_ = margin;
  }

  double x_ = margin, y_ = margin, lowest_ = 0;
  std::string out_;
};

std::string title_of(const View& record) {
  const View scenario = record["scenario"];
  return upper(record["verdict"]["overall"].text("unknown")) + ": " +
         (scenario["title"] ? scenario["title"] : scenario["name"]).text("unnamed scenario");
}

// `drawn`: the trials that the page draws in full.
std::string render_sheet(const View& drawn, const View& whole) {
  Sheet sheet;
  sheet.panel(one_line(title_of(whole)));
  if (!is_evidence(whole)) sheet.note("Mock cluster: this run is no evidence about Kafka.");
  if (is_partial(whole)) sheet.note("Partial: the run did not end by itself.");
  bool any = false;
  for (const auto& panel : page::panels()) {
    const std::string html =
        (panel.render_whole != nullptr ? panel.render_whole(whole) : "") + panel.render(drawn);
    const auto charts = charts_in(html);
    if (charts.empty()) continue;
    any = true;
    sheet.panel(panel.title);
    for (const auto& chart : charts) sheet.chart(chart);
  }
  if (!any) sheet.note("There is nothing to draw: the record has no series.");
  return sheet.document(title_of(whole));
}

class SvgReport final : public Report {
 public:
  [[nodiscard]] std::string render(const record::RunRecord& record) const override {
    const auto drawn = record.with_trials(page::drawn_trials(record.view()));
    return render_sheet(drawn.view(), record.view());
  }
  [[nodiscard]] Delivery delivery() const override {
    return {.file = "charts.svg", .title = "charts"};
  }
};

const Registration<Report> registered{{
    .name = "svg",
    .help = "every chart of the page, in one picture",
    .options = {},
    .make = [](const Options&) -> std::unique_ptr<Report> { return std::make_unique<SvgReport>(); },
}};

}  // namespace
}  // namespace seatrial::reports
