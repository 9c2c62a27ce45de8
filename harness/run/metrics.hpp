// What an expectation speaks of, read from a trial of the run record: one place that maps metric
// names to the record's fields, so that live verdicts and later re-readings agree.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "scenario/plan.hpp"

namespace seatrial::run {

// The metric's value (nanoseconds, counts, shares); nothing if the trial did not record it, if the
// audit is incomplete (for anomalies), or if a percentile has fewer than ten samples beyond it.
// Without a workload, counts are sums over workloads and latencies are the worst of them.
std::optional<double> metric_value(const scenario::Expectation& expectation,
                                   const nlohmann::json& trial);

// Whether it is of a latency that tells more of the load generator than of the cluster, because the
// generator fell behind (generator_record.hpp). Such a metric has no value.
bool generator_limited(const scenario::Expectation& expectation, const nlohmann::json& trial);

}  // namespace seatrial::run
