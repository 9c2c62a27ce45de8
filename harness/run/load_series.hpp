// The series of a trial's workloads: what lanes published is added up by second, journalled as it
// changes, and joined to longer intervals when the run is long. The journal has every second by
// itself before it is joined; the record, which folds the journal, and this hold a fixed number of
// intervals. Latencies go to the hlog files. Used from the trial's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/recorder.hpp"
#include "record/journal.hpp"
#include "run/latency_log.hpp"

namespace seatrial::run {

class LoadSeries {
 public:
  LoadSeries(record::Journal& journal, int trial, std::vector<std::string> workloads,
             measure::Coarseness coarseness = measure::Series::usual);

  void add(std::size_t workload, measure::SecondDelta delta);
  void edge(std::int64_t second);
  // What changed since the last time. `measure_second`: in which measure begins; only once that is
  // known can anything be written, and joined. `origin`: second 0, on the wall clock.
  void journal(std::int64_t measure_second, WallTime origin);
  // When nothing comes any more: the rest, as above.
  void finish(std::int64_t measure_second, WallTime origin);

  [[nodiscard]] const std::vector<measure::Series>& all() const { return series_; }
  // Of a workload, in the seconds for which `include` holds: all samples (2 digits), and how many
  // messages were acked. Nothing where a joined interval holds others too and its log does not tell
  // them apart.
  struct Chosen {
    measure::Histogram histogram;
    std::uint64_t acked = 0;
  };
  [[nodiscard]] std::optional<Chosen> chosen(std::size_t workload, measure::Metric metric,
                                             const measure::Series::Include& include) const;

 private:
  void journal_points(std::size_t workload, std::int64_t measure_second);
  [[nodiscard]] measure::Series::Settled settled_to(std::size_t workload);

  record::Journal& journal_;
  int trial_;
  std::vector<std::string> workloads_;
  std::vector<measure::Series> series_;
  std::vector<LatencyLog> logs_;
};

}  // namespace seatrial::run
