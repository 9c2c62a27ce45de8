// A chart with its title, description, legend and table of numbers.
#include "reports/page/figure.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/json_text.hpp"
#include "reports/page/html.hpp"

namespace seatrial::reports::page {

namespace {

constexpr std::size_t palette_size = 8;

double tenth(double value) { return std::round(value * 10) / 10; }

}  // namespace

std::string series_kind(std::size_t index) { return "s" + std::to_string(index % palette_size); }

std::string plot_json(const std::string& group, const Scale& x, double top, double bottom,
                      const std::vector<ReadoutSeries>& series) {
  nlohmann::json out = {{"group", group},
                        {"x", {x.from, x.to, tenth(x.px_from), tenth(x.px_to)}},
                        {"y", {tenth(top), tenth(bottom)}}};
  auto& list = out["series"] = nlohmann::json::array();
  for (const auto& one : series) {
    auto points = nlohmann::json::array();
    for (const auto& point : one.points) {
      points.push_back({point.x, tenth(point.y_px), point.x_text, point.y_text});
    }
    list.push_back({{"name", one.name}, {"kind", one.kind}, {"points", std::move(points)}});
  }
  return json_text(out);
}

std::string legend_html(const std::vector<Key>& legend) {
  if (legend.empty()) return "";
  std::string out = "<ul class=\"legend\">";
  for (const auto& key : legend) {
    out += "<li class=\"key " + escape(key.kind) + "\"";
    if (!key.series.empty()) out += " data-toggle=\"" + escape(key.series) + "\"";
    out += "><i class=\"mark " + escape(key.mark) + "\"></i>" + escape(key.label) + "</li>";
  }
  return out + "</ul>\n";
}

std::string html(const Figure& figure) {
  const auto& title = figure.heading.empty() ? figure.description : figure.heading;
  std::string drawings;
  const auto draw = [&](const Size& size) {
    Svg svg(size, title, figure.description);
    figure.draw(svg);
    drawings += svg.html();
  };
  if (figure.half) {
    draw({half_width, figure.narrow_height, true, true});
  } else {
    draw({wide_width, figure.wide_height, false});
    draw({narrow_width, figure.narrow_height, true});
  }
  std::string out = "<figure>\n";
  if (!figure.heading.empty()) out += "<figcaption>" + escape(figure.heading) + "</figcaption>\n";
  out += legend_html(figure.legend) + "<div class=\"plot\">\n" + drawings + "</div>\n";
  if (!figure.table_html.empty()) {
    out += "<details class=\"numbers\"><summary>The numbers</summary>\n" + figure.table_html +
           "</details>\n";
  }
  return out + "</figure>\n";
}

}  // namespace seatrial::reports::page
