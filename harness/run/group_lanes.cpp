// Lanes without a process of their own have no log.
#include "run/group_lanes.hpp"

namespace seatrial::run {

std::vector<const workers::WorkerLog*> worker_logs(const Lanes& lanes, const WorkloadRun& run) {
  std::vector<const workers::WorkerLog*> out;
  for (std::size_t lane : run.lanes) {
    if (lanes.lane(lane).worker) out.push_back(&lanes.lane(lane).worker->log());
  }
  return out;
}

record::TimeSpan measure_span(const Lanes& lanes) {
  return {lanes.clock().measure_ns, lanes.clock().intend_until_ns};
}

}  // namespace seatrial::run
