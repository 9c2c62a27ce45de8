// The latencies of a trial as HdrHistogram interval logs (hlog v1.3), for HdrHistogram's own tools:
// one file per workload, one line per second and metric, tagged with the metric. A second is that
// of the messages' intended times; warmup is in it. Two significant digits, as in the record's
// series.
#pragma once

#include "core/time.hpp"
#include "record/journal.hpp"
#include "run/lanes.hpp"
#include "run/sampler.hpp"

namespace seatrial::run {

// Writes trial-<index>-<workload>.hlog for each workload, beside the journal. `origin`: the
// clock's, when second 0 of the series was, on the wall clock.
void write_latency_logs(record::Journal& journal, int trial, const Lanes& lanes,
                        const Sampler& sampler, WallTime origin);

}  // namespace seatrial::run
