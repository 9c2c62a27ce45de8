// Histograms and seconds of a load in the shape of the record (record.md).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "measure/histogram.hpp"
#include "measure/recorder.hpp"

namespace seatrial::record {

// {"count", "p50_ns", "p99_ns", "max_ns"}; percentiles only where enough samples lie beyond.
nlohmann::json second_stats(const measure::Histogram& histogram);
// The record's latency object; the curve only if wanted.
nlohmann::json latency_stats(const measure::Histogram& histogram, std::uint64_t censored,
                             bool with_curve);

// A point of `series`, of a second or of several; `measure_second`: the second in which measure
// began.
nlohmann::json to_point(const measure::Series::Interval& interval, std::int64_t measure_second);

}  // namespace seatrial::record
