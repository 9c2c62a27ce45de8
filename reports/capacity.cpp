// Points from trials, and sentences from fields.
#include "reports/capacity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/units.hpp"
#include "reports/format.hpp"
#include "reports/gate.hpp"
#include "reports/summary.hpp"

namespace seatrial::reports {
namespace {

constexpr std::size_t least_loads = 4;
constexpr double least_distance = 0.1;

bool is_searched(const View& capacity, const View& workload) {
  return std::ranges::any_of(capacity["workloads"].items(), [&](const View& name) {
    return name.text() == workload["name"].text();
  });
}

std::optional<double> slowest(const View& capacity, const View& trial, const char* latency,
                              double p) {
  std::optional<double> out;
  for (const View& workload : trial["workloads"].items()) {
    if (!is_searched(capacity, workload)) continue;
    const auto ns = percentile(workload["latency"][latency], p)["ns"].number();
    if (ns && *ns > 0) out = std::max(out.value_or(0), *ns);
  }
  return out;
}

double throughput(const View& load, const View& tried) {
  const double offered = tried["offered_per_s"].number_or(load["per_s"].number_or(0));
  return offered * std::min(1.0, tried["achieved_share"].number_or(1));
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

// "0.03 (0.01 to 0.05)".
std::string with_interval(const View& coefficient) {
  const auto three = [](const View& value) { return fmt::format("{:.3g}", value.number_or(0)); };
  return three(coefficient["value"]) + " (" + three(coefficient["low"]) + " to " +
         three(coefficient["high"]) + ")";
}

}  // namespace

std::vector<LoadPoint> load_points(const View& record, const View& search) {
  std::vector<LoadPoint> out;
  for (const View& load : search["loads"].items()) {
    for (const View& tried : load["trials"].items()) {
      const auto place = tried["trial"].integer();
      if (!place || *place < 0) continue;
      LoadPoint point{.load = load,
                      .tried = tried,
                      .trial = record["trials"].at(static_cast<std::size_t>(*place)),
                      .per_s = throughput(load, tried),
                      .says = tried["outcome"].is("passed") || tried["outcome"].is("failed"),
                      .ns = {}};
      for (std::size_t i = 0; i < curve_latencies.size(); ++i) {
        for (std::size_t k = 0; k < curve_percentiles.size(); ++k)
          point.ns[i][k] =
              slowest(record["capacity"], point.trial, curve_latencies[i], curve_percentiles[k]);
      }
      out.push_back(std::move(point));
    }
  }
  std::ranges::stable_sort(out, {}, &LoadPoint::per_s);
  return out;
}

std::vector<CurvePoint> curve_of(const std::vector<LoadPoint>& points, std::size_t latency,
                                 std::size_t at) {
  std::map<double, std::pair<std::vector<double>, std::vector<double>>> by_load;
  for (const LoadPoint& point : points) {
    if (!point.says || !point.ns[latency][at]) continue;
    auto& [rates, times] = by_load[point.load["per_s"].number_or(point.per_s)];
    rates.push_back(point.per_s);
    times.push_back(*point.ns[latency][at]);
  }
  std::vector<CurvePoint> out;
  for (auto& [load, values] : by_load)
    out.push_back({median(std::move(values.first)), median(std::move(values.second))});
  std::ranges::stable_sort(out, {}, &CurvePoint::per_s);
  return out;
}

std::optional<Knee> knee_of(const std::vector<LoadPoint>& points) {
  const auto curve = curve_of(points, 0, 1);
  if (curve.size() < least_loads) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(curve, {}, &CurvePoint::ns);
  const double width = curve.back().per_s - curve.front().per_s, height = high.ns - low.ns;
  if (width <= 0 || height <= 0) return std::nullopt;
  const auto x = [&](const CurvePoint& of) { return (of.per_s - curve.front().per_s) / width; };
  const auto y = [&](const CurvePoint& of) { return (of.ns - low.ns) / height; };
  const double rise = y(curve.back()) - y(curve.front());
  std::optional<Knee> knee;
  for (const CurvePoint& each : curve) {
    const double below = y(curve.front()) + rise * x(each) - y(each);
    const double distance = below / std::hypot(1.0, rise);
    if (distance >= least_distance && (!knee || distance > knee->distance))
      knee = {each.per_s, distance};
  }
  return knee;
}

std::vector<LatencyTarget> latency_targets(const View& capacity) {
  std::vector<LatencyTarget> out;
  for (const View& slo : capacity["slo"].items()) {
    const std::string text = slo.text();
    const bool latency = text.find("response") != text.npos || text.find("service") != text.npos;
    const auto below = text.find('<');
    if (!latency || below == text.npos) continue;
    const auto from = text.find_first_not_of("<= ", below);
    if (from == text.npos) continue;
    const auto ns = parse_duration(text.substr(from, text.find(' ', from) - from));
    if (ns && ns->count() > 0) out.push_back({text, static_cast<double>(ns->count())});
  }
  return out;
}

std::string rate_text(double per_s) {
  if (per_s < 10) return decimal(per_s, 2) + "/s";
  return format_count(static_cast<std::uint64_t>(std::llround(std::min(per_s, 1e18)))) + "/s";
}

std::string interval_text(const View& search) {
  const auto lower = search["lower_per_s"].number(), upper = search["upper_per_s"].number();
  if (search["outcome"].is("undecided") || (!lower && !upper)) return "undecided";
  const std::string open = search["outcome"].is("open") ? ", not ended" : "";
  if (!lower) return "below " + rate_text(*upper) + open;
  if (!upper || search["outcome"].is("at_least")) return "at least " + rate_text(*lower) + open;
  return rate_text(*lower) + " to " + rate_text(*upper) + open;
}

std::string bound_text(const View& search) {
  const View bound = search["bound"];
  if (!bound) return "";
  std::string out = bound["name"].text();
  if (bound["text"]) out += ": " + bound["text"].text();
  if (const View needs = search["generator_needs"]; needs && !needs.text().empty())
    out += "; it needs " + needs.text();
  return out;
}

std::vector<std::string> scaling_sentences(const View& scaling) {
  std::vector<std::string> out;
  if (!scaling) return out;
  if (scaling["refused"]) {
    out.push_back("No scalability law was fitted: " + scaling["refused"].text() + ".");
  } else {
    out.push_back("Universal Scalability Law over " + scaling["axis"].text() + ": one does " +
                  rate_text(scaling["lambda"]["value"].number_or(0)) + ", contention " +
                  with_interval(scaling["sigma"]) + ", coherency " +
                  with_interval(scaling["kappa"]) + ".");
    if (const auto error = scaling["leave_last_out"].number())
      out.push_back("Predicted from the other values alone, the largest comes out " +
                    percent_text(*error) + " off.");
    out.push_back((scaling["peak"] ? "Most is reached at " + scaling["peak"].text() + "."
                                   : "It sees no peak as far as it may look.") +
                  std::string(" It says nothing beyond ") + scaling["furthest"].text() +
                  ", twice the largest value measured.");
  }
  for (const View& left : scaling["left_out"].items()) out.push_back(left.text());
  return out;
}

}  // namespace seatrial::reports
