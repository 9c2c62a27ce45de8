// The lanes of a workload that are members of a group, and when their trial measures.
#pragma once

#include <vector>

#include "record/group_record.hpp"
#include "run/lanes.hpp"

namespace seatrial::run {

[[nodiscard]] std::vector<const workers::WorkerLog*> worker_logs(const Lanes& lanes,
                                                                 const WorkloadRun& run);
[[nodiscard]] record::TimeSpan measure_span(const Lanes& lanes);

}  // namespace seatrial::run
