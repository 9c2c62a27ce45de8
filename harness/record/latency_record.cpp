// Percentiles only where enough samples lie beyond.
#include "record/latency_record.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace seatrial::record {

using measure::Metric;
using nlohmann::json;

json second_stats(const measure::Histogram& histogram) {
  json out{{"count", histogram.count()}, {"max_ns", histogram.max()}};
  if (histogram.percentile_printable(50)) out["p50_ns"] = histogram.value_at(50);
  if (histogram.percentile_printable(99)) out["p99_ns"] = histogram.value_at(99);
  return out;
}

json latency_stats(const measure::Histogram& histogram, std::uint64_t censored, bool with_curve) {
  json out{{"count", histogram.count()},       {"censored", censored},
           {"overflow", histogram.overflow()}, {"mean_ns", std::llround(histogram.mean())},
           {"max_ns", histogram.max()},        {"percentiles", json::array()}};
  const double censored_share =
      100 * static_cast<double>(censored) / std::max(1.0, static_cast<double>(histogram.count()));
  for (const double p : {50.0, 90.0, 99.0, 99.9, 99.99}) {
    if (!histogram.percentile_printable(p)) continue;
    json point{{"p", p}, {"ns", histogram.value_at(p)}};
    // Had the censored ones been the longest of all, so many more would lie below the percentile.
    if (censored > 0 && p + censored_share < 100)
      point["most_ns"] = histogram.value_at(p + censored_share);
    out["percentiles"].push_back(std::move(point));
  }
  if (with_curve) {
    json curve = json::array();
    for (const auto& point : histogram.curve()) {
      curve.push_back({{"p", point.percentile}, {"ns", point.value}});
    }
    out["curve"] = std::move(curve);
  }
  return out;
}

json to_point(const measure::Series::Interval& interval, std::int64_t measure_second) {
  const measure::LoadDelta& second = interval.value;
  json point{{"t_s", interval.first - measure_second},
             {"intended", second.intended},
             {"acked", second.acked},
             {"failed", second.failed},
             {"unknown", second.unknown},
             {"consumed", second.consumed},
             {"done_acked", second.done_acked},
             {"done_consumed", second.done_consumed}};
  if (interval.length > 1) {
    point["length_s"] = interval.length;
    point["done_acked_least"] = second.acks_arrived.least;
    point["done_acked_most"] = second.acks_arrived.most;
    point["done_consumed_least"] = second.deliveries_arrived.least;
    point["done_consumed_most"] = second.deliveries_arrived.most;
  }
  static constexpr std::pair<Metric, const char*> shown[] = {{Metric::response, "response"},
                                                             {Metric::service, "service"},
                                                             {Metric::lateness, "lateness"},
                                                             {Metric::end_to_end, "end_to_end"}};
  for (const auto& [metric, name] : shown) {
    const measure::Histogram* histogram = second.of(metric);
    if (histogram != nullptr && !histogram->empty()) point[name] = second_stats(*histogram);
  }
  return point;
}

}  // namespace seatrial::record
