// From intervals to points, and from a fit to fields.
#include "capacity/scaling.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/units.hpp"
#include "statistics/scalability.hpp"

namespace seatrial::capacity {
namespace {

using nlohmann::json;
using statistics::Interval;
using statistics::ScalePoint;

constexpr int curve_points = 64;

struct Points {
  std::vector<ScalePoint> points;
  json left_out = json::array();
};

std::optional<ScalePoint> point_of(const View& search, const std::string& axis) {
  const auto n = parse_number(search["axes"][axis].text());
  const auto lower = search["lower_per_s"].number(), upper = search["upper_per_s"].number();
  if (!n || !search["outcome"].is("interval") || !lower || !upper || *lower <= 0) return {};
  const double middle = std::sqrt(*lower * *upper);
  return ScalePoint{.n = *n, .rate = middle, .uncertainty = *upper / middle - 1};
}

Points points_of(const View& capacity, const std::string& axis) {
  Points out;
  for (const View& search : capacity["searches"].items()) {
    if (const auto point = point_of(search, axis)) {
      out.points.push_back(*point);
      continue;
    }
    const bool generator = search["ended_by_generator"].boolean().value_or(false);
    out.left_out.push_back(
        search["name"].text() + " is not in the fit: " +
        (generator ? "the generator ended there, not the cluster" : "it has no interval"));
  }
  return out;
}

json coefficient(double value, const Interval& interval) {
  return {{"value", value}, {"low", interval.low}, {"high", interval.high}};
}

json curve(const statistics::Scalability& fit) {
  json out = json::array();
  const double furthest = 2 * fit.largest;
  for (int i = 0; i <= curve_points; ++i) {
    const double n = 1 + (furthest - 1) * i / curve_points;
    const auto at = statistics::predict(fit, n);
    if (!at) continue;
    out.push_back(
        {{"n", n}, {"per_s", at->rate}, {"low", at->interval.low}, {"high", at->interval.high}});
  }
  return out;
}

}  // namespace

bool is_count(const std::string& axis) {
  constexpr std::array<const char*, 4> counts{"partitions", "brokers", "lanes", "members"};
  const std::string last = axis.substr(axis.rfind('.') + 1);
  return std::ranges::find(counts, last) != counts.end();
}

json scaling_of(const View& capacity) {
  if (capacity["axes"].size() != 1) return nullptr;
  const std::string axis = capacity["axes"].at(0).text();
  if (!is_count(axis)) return nullptr;
  const Points found = points_of(capacity, axis);
  json out{{"axis", axis}};
  if (!found.left_out.empty()) out["left_out"] = found.left_out;
  const auto fit = statistics::fit_scalability(found.points, {});
  if (!fit) {
    out["refused"] = fit.error().message + "; " + fit.error().hint;
    return out;
  }
  out["lambda"] = coefficient(fit->best.lambda, fit->lambda);
  out["sigma"] = coefficient(fit->best.sigma, fit->sigma);
  out["kappa"] = coefficient(fit->best.kappa, fit->kappa);
  out["confidence"] = fit->confidence;
  if (fit->leave_last_out) out["leave_last_out"] = *fit->leave_last_out;
  if (fit->peak) out["peak"] = *fit->peak;
  out["furthest"] = 2 * fit->largest;
  out["curve"] = curve(*fit);
  return out;
}

}  // namespace seatrial::capacity
