// What an expectation speaks of, read from a trial of the run record: one place that maps metric
// names to the record's fields, so that live verdicts and later re-readings agree.
#pragma once

#include "scenario/expectation.hpp"

namespace seatrial::judge {

// What is known of the metric (nanoseconds, counts, shares), or why nothing is: the trial did not
// record it, the audit is incomplete (for anomalies), the load's latencies are in doubt, too few
// samples lie beyond a percentile, something was never delivered. Without a workload, counts are
// sums over workloads and latencies are the worst of them.
Measured measured(const MetricQuestion& question, const View& trial);

}  // namespace seatrial::judge
