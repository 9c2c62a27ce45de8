// Copies lane by lane, in their order.
#include "run/client_history.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "kafka/group_offsets.hpp"

namespace seatrial::run {
namespace {

int partitions_of(const scenario::TrialPlan& plan, const std::string& topic) {
  const auto at = std::ranges::find(plan.topics, topic, &scenario::TopicPlan::name);
  check(at != plan.topics.end(), "the plan names only topics that it declares");
  return at->partitions;
}

void ask_offsets(TransformHistory& transform, const std::string& bootstrap, int partitions,
                 Instant deadline) {
  const auto offsets =
      kafka::committed_offsets(bootstrap, transform.group, transform.input, partitions, deadline);
  transform.offsets_known = offsets.has_value();
  if (!offsets) {
    transform.offsets_unknown_reason = offsets.error().message;
    return;
  }
  for (const auto& [partition, offset] : *offsets) {
    transform.inputs.push_back({.where = {transform.input, partition}, .committed_offset = offset});
  }
}

}  // namespace

void add_client_history(const scenario::TrialPlan& plan, const Lanes& lanes,
                        const std::string& bootstrap, nanoseconds budget, History& history) {
  for (const auto& run : lanes.workloads()) {
    for (const std::size_t index : run.lanes) {
      const LaneReport& report = lanes.lane(index).report;
      std::ranges::copy(report.transactions, std::back_inserter(history.transactions));
      std::ranges::copy(report.transforms, std::back_inserter(history.transforms));
      std::ranges::copy(report.keyed, std::back_inserter(history.keyed));
    }
  }
  const Instant deadline = now() + budget;
  for (TransformHistory& transform : history.transforms) {
    ask_offsets(transform, bootstrap, partitions_of(plan, transform.input), deadline);
  }
}

std::vector<std::unique_ptr<LogObserver>> make_observers(const Lanes& lanes) {
  std::vector<std::unique_ptr<LogObserver>> out;
  for (const auto& run : lanes.workloads()) {
    if (auto observer = run.workload->observer()) out.push_back(std::move(observer));
  }
  return out;
}

}  // namespace seatrial::run
