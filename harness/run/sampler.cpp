// From the lanes' deltas to points of the record.
#include "run/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "run/generator_record.hpp"

namespace seatrial::run {
namespace {

using measure::Metric;
using nlohmann::json;

json to_point(const measure::SecondDelta& second, std::int64_t measure_second) {
  json point{{"t_s", second.second - measure_second},
             {"intended", second.intended},
             {"acked", second.acked},
             {"failed", second.failed},
             {"unknown", second.unknown},
             {"consumed", second.consumed},
             {"done_acked", second.done_acked},
             {"done_consumed", second.done_consumed}};
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

}  // namespace

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

Sampler::Sampler(Lanes& lanes, kafka::ClusterWatch& watch, Journal& journal, int trial)
    : lanes_(lanes),
      watch_(watch),
      journal_(journal),
      trial_(trial),
      series_(lanes.workloads().size()),
      work_(lanes, series_) {}

void Sampler::sample() {
  work_.look();
  sample_series();
  for (auto& change : watch_.drain_changes()) leadership_.push_back(std::move(change));
  sample_machine();
  if (lanes_.clock().decided()) journal();
}

void Sampler::sample_series() {
  for (std::size_t w = 0; w < series_.size(); ++w) {
    for (std::size_t lane : lanes_.workloads()[w].lanes) {
      for (auto& delta : lanes_.lane(lane).recorder->drain()) series_[w].add(std::move(delta));
    }
  }
}

void Sampler::journal() {
  const TrialClock& clock = lanes_.clock();
  for (std::size_t w = 0; w < series_.size(); ++w) {
    json points = json::array();
    for (const std::int64_t second : series_[w].take_changed())
      points.push_back(to_point(series_[w].seconds().at(second), clock.waited_s()));
    journal_.points(trial_, lanes_.workloads()[w].plan->name, std::move(points));
  }
  json changes = json::array();
  for (; journaled_changes_ < leadership_.size(); ++journaled_changes_) {
    const auto& change = leadership_[journaled_changes_];
    json isr = json::array();
    for (NodeId node : change.state.isr) isr.push_back(node.value);
    changes.push_back({{"t_s", to_seconds(change.at - from_ns(clock.measure_ns))},
                       {"topic", change.state.where.topic},
                       {"partition", change.state.where.partition},
                       {"leader", change.state.leader.value},
                       {"epoch", change.state.epoch},
                       {"isr", std::move(isr)}});
  }
  journal_.append(trial_, "leadership", std::move(changes));
  if (std::exchange(held_back_, false)) {
    for (json& point : machine_)
      point["t_s"] = point.at("t_s").get<std::int64_t>() - clock.waited_s();
  }
  json points = json::array();
  for (; journaled_points_ < machine_.size(); ++journaled_points_)
    points.push_back(machine_[journaled_points_]);
  journal_.append(trial_, "machine", std::move(points));
}

void Sampler::sample_machine() {
  const auto sample = measure::sample_machine();
  const TrialClock& clock = lanes_.clock();
  const Instant origin = from_ns(held_back_ ? clock.origin_ns : clock.measure_ns.load());
  MachinePoint point{.length_s = to_seconds(sample.at - machine_before_.at), .at_end = sample};
  // A sample is taken just after its second has ended; halves belong to the nearest.
  point.second = std::llround(to_seconds(machine_before_.at - origin));
  // The one that settling ends with may come at once: too short for shares that mean anything.
  if (point.length_s < 0.5) return;
  point.use = measure::use_between(machine_before_, sample);
  const auto backpressure = lanes_.total(&LaneCounters::backpressure_ns);
  const auto throttle = lanes_.total(&LaneCounters::throttle_ns);
  point.backpressure_ns = backpressure - std::exchange(backpressure_before_, backpressure);
  point.throttle_ns = throttle - std::exchange(throttle_before_, throttle);
  machine_before_ = sample;
  machine_.push_back(to_json(point));
  const kafka::ReplicationLag lag = watch_.take_lag();
  machine_.back()["unreplicated"] = lag.unreplicated;
  for (const auto& [node, messages] : lag.behind)
    machine_.back()["behind"].push_back({node.value, messages});
}

}  // namespace seatrial::run
