// Implements reports/samples.hpp.
#include "reports/samples.hpp"

#include <algorithm>

namespace seatrial::reports {

bool has_responses(const View& record, const VariantRow& row) {
  const auto trials = trials_of(record, row.name);
  return std::ranges::any_of(trials, [](const View& trial) {
    const auto workloads = trial["workloads"].items();
    return std::ranges::any_of(workloads, [](const View& workload) {
      return workload["latency"]["response"]["count"].integer().value_or(0) > 0;
    });
  });
}

}  // namespace seatrial::reports
