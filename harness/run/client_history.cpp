// Copies lane by lane, in their order.
#include "run/client_history.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "kafka/consumer.hpp"
#include "measure/recorder.hpp"

namespace seatrial::run {
namespace {

int partitions_of(const scenario::TrialPlan& plan, const std::string& topic) {
  const auto at = std::ranges::find(plan.topics, topic, &scenario::TopicPlan::name);
  check(at != plan.topics.end(), "the plan names only topics that it declares");
  return at->partitions;
}

void ask_offsets(TransformHistory& transform, const kafka::Access& access, int partitions,
                 nanoseconds budget, const std::stop_token& stop) {
  const auto offsets =
      kafka::committed_offsets(access, transform.group, transform.input, partitions, budget, stop);
  transform.offsets_known = offsets.has_value();
  if (!offsets) {
    transform.offsets_unknown_reason = offsets.error().message;
    return;
  }
  for (int p = 0; p < partitions; ++p) {
    const auto at = offsets->find({transform.input, p});
    transform.inputs.push_back({.where = {transform.input, p},
                                .committed_offset = at == offsets->end() ? -1 : at->second});
  }
}

}  // namespace

void add_client_history(const scenario::TrialPlan& plan, const Lanes& lanes,
                        const kafka::Access& access, nanoseconds budget,
                        const std::stop_token& stop, History& history) {
  for (const auto& run : lanes.workloads()) {
    for (const std::size_t index : run.lanes) {
      const LaneReport& report = lanes.lane(index).report;
      std::ranges::copy(report.transactions, std::back_inserter(history.transactions));
      std::ranges::copy(report.transforms, std::back_inserter(history.transforms));
      std::ranges::copy(report.keyed, std::back_inserter(history.keyed));
    }
  }
  for (TransformHistory& transform : history.transforms) {
    ask_offsets(transform, access, partitions_of(plan, transform.input), budget, stop);
  }
}

// The client stamps a record when it is sent, and knows of its append at the ack. Histograms hold
// the measure phase only, so the first messages, which wait for connections, get a second anyway.
void set_timestamp_lag(const Lanes& lanes, History& history) {
  for (RetentionHistory& log : history.retention) {
    for (const auto& run : lanes.workloads()) {
      for (const std::size_t index : run.lanes) {
        const LaneRun& lane = lanes.lane(index);
        if (!lane.produces || lane.context.topic != log.where.topic) continue;
        const auto& service = lane.recorder->total(measure::Metric::service);
        log.timestamp_lag =
            std::max({log.timestamp_lag, nanoseconds(service.max()), nanoseconds(seconds(1))});
      }
    }
  }
}

std::vector<LogObserver*> pointers_to(const std::vector<std::unique_ptr<LogObserver>>& observers) {
  std::vector<LogObserver*> out;
  for (const auto& observer : observers) out.push_back(observer.get());
  return out;
}

std::vector<std::unique_ptr<LogObserver>> make_observers(const Lanes& lanes) {
  std::vector<std::unique_ptr<LogObserver>> out;
  for (const auto& run : lanes.workloads()) {
    if (auto observer = run.workload->observer()) out.push_back(std::move(observer));
  }
  return out;
}

}  // namespace seatrial::run
