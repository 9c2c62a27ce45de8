// Sums over the lanes' counters.
#include "run/lag.hpp"

#include <algorithm>

namespace seatrial::run {
namespace {

bool is_called(const WorkloadRun& run, const std::string& name) {
  const Options& options = run.plan->options;
  return run.plan->name == name || (options.has("group") && options.text("group") == name);
}

}  // namespace

std::uint64_t lag_of(const Lanes& lanes, const std::string& name) {
  std::uint64_t consumed = 0;
  std::string topic;
  for (const WorkloadRun& run : lanes.workloads()) {
    if (run.workload->traits().produces || !is_called(run, name)) continue;
    consumed += lanes.total(run, &LaneCounters::consumed);
    topic = run.plan->options.text("topic");
  }
  std::uint64_t produced = 0;
  for (const WorkloadRun& run : lanes.workloads()) {
    if (!run.workload->traits().produces || run.plan->options.text("topic") != topic) continue;
    produced += lanes.total(run, &LaneCounters::acked) + lanes.total(run, &LaneCounters::sent);
  }
  return produced - std::min(produced, consumed);
}

}  // namespace seatrial::run
