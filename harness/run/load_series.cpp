// From deltas to points, intervals and lines of the log.
#include "run/load_series.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "record/latency_record.hpp"

namespace seatrial::run {

using measure::Histogram;
using measure::Metric;
using measure::Series;
using nlohmann::json;

LoadSeries::LoadSeries(record::Journal& journal, int trial, std::vector<std::string> workloads,
                       measure::Coarseness coarseness)
    : journal_(journal), trial_(trial), workloads_(std::move(workloads)) {
  for (const std::string& name : workloads_) {
    series_.emplace_back(coarseness);
    logs_.emplace_back(journal, "trial-" + std::to_string(trial) + "-" + name + ".hlog");
  }
}

void LoadSeries::add(std::size_t workload, measure::SecondDelta delta) {
  series_[workload].add(std::move(delta));
}

void LoadSeries::edge(std::int64_t second) {
  for (Series& series : series_) series.edge(second);
}

Series::Settled LoadSeries::settled_to(std::size_t workload) {
  return [&log = logs_[workload]](const measure::SecondDelta& second) { log.add(second); };
}

void LoadSeries::journal(std::int64_t measure_second, WallTime origin) {
  for (std::size_t w = 0; w < series_.size(); ++w) {
    journal_points(w, measure_second);  // by second, before any of them is joined
    series_[w].coarsen(settled_to(w));
    journal_points(w, measure_second);
    logs_[w].write(origin);
  }
}

void LoadSeries::journal_points(std::size_t workload, std::int64_t measure_second) {
  json points = json::array();
  for (const std::int64_t first : series_[workload].take_changed()) {
    points.push_back(record::to_point(series_[workload].intervals().at(first), measure_second));
  }
  journal_.points(trial_, workloads_[workload], std::move(points));
}

void LoadSeries::finish(std::int64_t measure_second, WallTime origin) {
  for (std::size_t w = 0; w < series_.size(); ++w) {
    journal_points(w, measure_second);
    series_[w].close(settled_to(w));
    journal_points(w, measure_second);
    logs_[w].write(origin);
  }
}

std::optional<LoadSeries::Chosen> LoadSeries::chosen(std::size_t workload, Metric metric,
                                                     const Series::Include& include) const {
  const Series& series = series_[workload];
  Series::Merged merged = series.merged(metric, include);
  Chosen out{.histogram = std::move(merged.histogram), .acked = merged.acked};
  if (merged.cut.empty()) return out;
  Histogram joined = Histogram::coarse();
  for (const std::int64_t first : merged.cut) {
    if (const Histogram* part = series.intervals().at(first).value.of(metric)) joined.add(*part);
  }
  const auto is_cut = [&](std::int64_t second) {
    const auto after = std::ranges::upper_bound(merged.cut, second);
    if (after == merged.cut.begin()) return false;
    const std::int64_t first = *std::prev(after);
    return second - first < series.intervals().at(first).length;
  };
  const auto path = journal_.folder() / logs_[workload].name();
  const auto all = read_latency_log(path, logs_[workload].first(), metric, is_cut);
  const auto wanted =
      read_latency_log(path, logs_[workload].first(), metric,
                       [&](std::int64_t second) { return is_cut(second) && include(second); });
  // A log that lacks something is no witness; neither is one of values that it cannot hold.
  const bool whole = all && wanted && all->count() == joined.count() && joined.overflow() == 0;
  if (!whole || !merged.acked_known) return std::nullopt;
  out.histogram.add(*wanted);
  return out;
}

}  // namespace seatrial::run
