// From the lanes' deltas to points of the record.
#include "run/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "record/generator_record.hpp"

namespace seatrial::run {
using nlohmann::json;

namespace {

std::vector<std::string> names_of(const Lanes& lanes) {
  std::vector<std::string> names;
  for (const auto& run : lanes.workloads()) names.push_back(run.plan->name);
  return names;
}

}  // namespace

Sampler::Sampler(Lanes& lanes, kafka::ClusterWatch& watch, record::Journal& journal, int trial)
    : lanes_(lanes),
      watch_(watch),
      journal_(journal),
      trial_(trial),
      series_(journal, trial, names_of(lanes)),
      work_(lanes, series_.all()) {}

void Sampler::sample() {
  work_.look();
  sample_series();
  for (auto& change : watch_.drain_changes()) leadership_.push_back(std::move(change));
  sample_machine();
  if (lanes_.clock().decided()) journal();
}

void Sampler::sample_series() {
  for (std::size_t w = 0; w < lanes_.workloads().size(); ++w) {
    for (std::size_t lane : lanes_.workloads()[w].lanes) {
      for (auto& delta : lanes_.lane(lane).recorder->drain()) series_.add(w, std::move(delta));
    }
  }
}

void Sampler::edge(Instant at) {
  series_.edge(std::chrono::floor<seconds>(at - from_ns(lanes_.clock().origin_ns)).count());
}

void Sampler::finish() {
  if (lanes_.clock().decided()) series_.finish(lanes_.clock().waited_s(), origin_on_the_wall());
}

WallTime Sampler::origin_on_the_wall() const {
  const auto since =
      std::chrono::duration_cast<milliseconds>(now() - from_ns(lanes_.clock().origin_ns));
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) - since;
}

void Sampler::journal() {
  const TrialClock& clock = lanes_.clock();
  if (std::exchange(held_back_, false)) {
    edge(from_ns(clock.measure_ns));
    edge(from_ns(clock.intend_until_ns) + seconds(1) - nanoseconds(1));
    for (json& point : machine_)
      point["t_s"] = point.at("t_s").get<std::int64_t>() - clock.waited_s();
  }
  series_.journal(clock.waited_s(), origin_on_the_wall());
  journal_leadership();
  journal_.append(trial_, "machine", std::exchange(machine_, json::array()));
}

void Sampler::journal_leadership() {
  json changes = json::array();
  for (; journaled_changes_ < leadership_.size(); ++journaled_changes_) {
    const auto& change = leadership_[journaled_changes_];
    json isr = json::array();
    for (NodeId node : change.state.isr) isr.push_back(node.value);
    changes.push_back({{"t_s", to_seconds(change.at - from_ns(lanes_.clock().measure_ns))},
                       {"topic", change.state.where.topic},
                       {"partition", change.state.where.partition},
                       {"leader", change.state.leader.value},
                       {"epoch", change.state.epoch},
                       {"isr", std::move(isr)}});
  }
  journal_.append(trial_, "leadership", std::move(changes));
}

void Sampler::sample_machine() {
  const auto sample = measure::sample_machine();
  const TrialClock& clock = lanes_.clock();
  const Instant origin = from_ns(held_back_ ? clock.origin_ns : clock.measure_ns.load());
  record::MachinePoint point{.length_s = to_seconds(sample.at - machine_before_.at),
                             .at_end = sample};
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
  json row = to_json(point);
  const kafka::ReplicationLag lag = watch_.take_lag();
  row["unreplicated"] = lag.unreplicated;
  for (const auto& [node, messages] : lag.behind) row["behind"].push_back({node.value, messages});
  newest_machine_ = row;
  machine_.push_back(std::move(row));
}

}  // namespace seatrial::run
