// Every metric of a trial, as expectations would ask for it: the judge's numbers, so that a report
// for machines never says anything else than the verdict was made of.
#pragma once

#include <string>
#include <vector>

#include "core/metric.hpp"
#include "core/view.hpp"
#include "scenario/expectation.hpp"

namespace seatrial::reports {

struct MetricAnswer {
  MetricQuestion question;  // of one workload, or of the trial where that is empty
  Measured measured;        // known, and finite
};

// What is known of one metric in one trial: an answer for each workload on its side or, where it
// is the cluster's or nobody can tell of which workload it is, one for the trial. Of a latency, one
// for each percentile. What is not known exactly is left out.
[[nodiscard]] std::vector<MetricAnswer> answers_of(const scenario::MetricSpec& metric,
                                                   const View& trial);

}  // namespace seatrial::reports
