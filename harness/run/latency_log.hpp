// The latencies of a workload as an HdrHistogram interval log (hlog v1.3), for HdrHistogram's own
// tools: one line per second and metric, tagged with the metric. A second is that of the messages'
// intended times; warmup is in it. Two significant digits, as in the record's series.
//
// In a long run it is written as the run goes, each second when it is a minute old; what comes to a
// second later has a line of its own, so that the log holds every sample once. Whoever needs single
// seconds of what the series has joined reads them from here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "core/time.hpp"
#include "measure/recorder.hpp"
#include "record/journal.hpp"

namespace seatrial::run {

class LatencyLog {
 public:
  // Writes `name` beside the journal, if there is anything to write. `origin`: second 0, on the
  // wall clock.
  LatencyLog(record::Journal& journal, std::string name)
      : journal_(journal), name_(std::move(name)) {}

  void add(const measure::SecondDelta& second);  // the first of all is the log's start
  void write(WallTime origin);                   // what was added since the last time

  [[nodiscard]] const std::string& name() const { return name_; }
  // Second 0 of the log.
  [[nodiscard]] std::int64_t first() const { return first_.value_or(0); }

 private:
  record::Journal& journal_;
  std::string name_;
  std::optional<std::int64_t> first_;
  std::string lines_;  // that wait
  bool begun_ = false;
};

// All samples of a metric in the log's seconds for which `include` holds; 2 digits. `first`: second
// 0 of the log. Nothing if it cannot be read.
[[nodiscard]] std::optional<measure::Histogram> read_latency_log(
    const std::filesystem::path& log, std::int64_t first, measure::Metric metric,
    const measure::Series::Include& include);

}  // namespace seatrial::run
