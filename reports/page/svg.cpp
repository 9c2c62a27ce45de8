// Scales, ticks and shapes of charts, as text.
#include "reports/page/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "reports/format.hpp"
#include "reports/page/html.hpp"

namespace seatrial::reports::page {

namespace {

std::string px(double value) { return decimal(value, 1); }

std::string attributes(std::string_view kind, std::string_view series) {
  std::string out;
  if (!kind.empty()) out += " class=\"" + escape(kind) + "\"";
  if (!series.empty()) out += " data-series=\"" + escape(series) + "\"";
  return out;
}

std::string lines_through(const std::vector<Point>& points) {
  std::string out;
  for (const auto& point : points) {
    out += (out.empty() ? "M" : "L") + px(point.x) + " " + px(point.y);
  }
  return out;
}

struct TickUnit {
  double of;
  const char* name;
};

// In the largest unit of which it has one; nothing if it has none of any. Largest first.
std::optional<std::string> in_largest(double value, std::span<const TickUnit> units) {
  for (const TickUnit& unit : units) {
    if (value >= unit.of * (1 - 1e-9)) return decimal(value / unit.of, 2) + unit.name;
  }
  return std::nullopt;
}

}  // namespace

double Scale::operator()(double value) const {
  const double low = std::min(from, to);
  const double high = std::max(from, to);
  double v = std::clamp(value, low, high);
  double a = from;
  double b = to;
  if (log) {
    v = std::log10(std::max(v, 1e-300));
    a = std::log10(a);
    b = std::log10(b);
  }
  const double share = b == a ? 0 : (v - a) / (b - a);
  return px_from + share * (px_to - px_from);
}

double round_up(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

std::vector<double> linear_ticks(double from, double to, int wanted) {
  std::vector<double> ticks;
  if (!(to > from) || wanted < 1) return {from};
  const double step = round_up((to - from) / wanted);
  const auto first = static_cast<long long>(std::ceil(from / step - 1e-9));
  const auto last = static_cast<long long>(std::floor(to / step + 1e-9));
  for (auto i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::vector<double> log_ticks(double from, double to) {
  std::vector<double> ticks;
  if (!(from > 0) || !(to > from)) return ticks;
  const int first = static_cast<int>(std::floor(std::log10(from)));
  const int last = static_cast<int>(std::ceil(std::log10(to)));
  const bool sparse = std::log10(to / from) < 2.5;
  for (int decade = first; decade <= last; ++decade) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (step > 1 && !sparse) break;
      const double tick = step * std::pow(10, decade);
      if (tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)) ticks.push_back(tick);
    }
  }
  return ticks;
}

std::string tick_duration(double ns) {
  static constexpr TickUnit units[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " \xC2\xB5s"}};
  return in_largest(ns, units).value_or(decimal(ns, 2) + " ns");
}

std::string tick_count(double n) {
  if (n >= 1e6) return decimal(n / 1e6, 2) + " M";
  if (n >= 1e4) return decimal(n / 1e3, 2) + " k";
  return decimal(n, 2);
}

std::string tick_bytes(double n) {
  static constexpr TickUnit units[] = {{1e9, " GB"}, {1e6, " MB"}, {1e3, " kB"}};
  return in_largest(n, units).value_or(n == 0 ? "0" : decimal(n, 2) + " B");
}

double text_width(std::string_view text) { return 6.4 * static_cast<double>(width_of(text)); }

Svg::Svg(Size size, std::string_view title, std::string_view description)
    : size_(size), title_(title), description_(description) {}

void Svg::rect(double x, double y, double w, double h, std::string_view kind,
               std::string_view title) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}", px(x), px(y),
                       px(std::max(0.0, w)), px(std::max(0.0, h)), attributes(kind, ""));
  body_ += title.empty() ? "/>\n" : "><title>" + escape(title) + "</title></rect>\n";
}

void Svg::line(Point from, Point to, std::string_view kind) {
  body_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", px(from.x),
                       px(from.y), px(to.x), px(to.y), attributes(kind, ""));
}

void Svg::text(Point at, Anchor anchor, std::string_view text, std::string_view kind) {
  static constexpr const char* anchors[] = {"start", "middle", "end"};
  body_ += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>\n", px(at.x),
                       px(at.y), anchors[static_cast<int>(anchor)], attributes(kind, ""),
                       escape(text));
}

void Svg::path(const std::vector<Point>& points, std::string_view kind, std::string_view series) {
  if (points.empty()) return;
  if (points.size() == 1) return dots(points, 2, kind.substr(0, kind.find(' ')), series);
  body_ += "<path d=\"" + lines_through(points) + "\"" + attributes(kind, series) + "/>\n";
}

void Svg::area(const std::vector<Point>& upper, const std::vector<Point>& lower,
               std::string_view kind, std::string_view series) {
  if (upper.size() < 2 || lower.size() < 2) return;
  auto outline = upper;
  outline.insert(outline.end(), lower.rbegin(), lower.rend());
  body_ += "<path d=\"" + lines_through(outline) + "Z\"" + attributes(kind, series) + "/>\n";
}

void Svg::dots(const std::vector<Point>& points, double radius, std::string_view kind,
               std::string_view series) {
  const std::string dot = std::string(kind) + " dot";
  for (const auto& point : points) {
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", px(point.x), px(point.y),
                         px(radius), attributes(dot, series));
  }
}

std::string Svg::html() const {
  std::string out =
      fmt::format("<svg{} viewBox=\"0 0 {} {}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"",
                  size_.alone    ? ""
                  : size_.narrow ? " class=\"narrow\""
                                 : " class=\"wide\"",
                  px(size_.width), px(size_.height));
  if (!plot_.empty()) out += " data-plot='" + escape_in_single_quotes(plot_) + "'";
  // The title is said twice: browsers show <title> as a tooltip, which the script takes away
  // because it would cover the readout, and then only aria-label is left.
  out += " aria-label=\"" + escape(title_) + "\">\n<title>" + escape(title_) + "</title>\n<desc>" +
         escape(description_) + "</desc>\n";
  return out + body_ + "</svg>\n";
}

}  // namespace seatrial::reports::page
