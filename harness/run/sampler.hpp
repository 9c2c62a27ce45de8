// Once a second: takes what the lanes published, adds it up by second, and journals the seconds
// that changed, together with changes of leadership and what the machine was doing. Times in the
// journal count from the start of measure, so all that comes before that is known is held back.
// Used from the trial's thread only.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "kafka/watch.hpp"
#include "measure/machine.hpp"
#include "measure/recorder.hpp"
#include "record/journal.hpp"
#include "run/lanes.hpp"
#include "run/load_series.hpp"
#include "run/work_meter.hpp"

namespace seatrial::run {

class Sampler {
 public:
  Sampler(Lanes& lanes, kafka::ClusterWatch& watch, record::Journal& journal, int trial);

  void look() { work_.look(); }  // every few milliseconds, for the backlogs
  void sample();                 // journals what is new; cheap when nothing is

  [[nodiscard]] const WorkMeter& work() const { return work_; }
  // In the order of Lanes::workloads(); seconds since the clock's origin.
  [[nodiscard]] const LoadSeries& series() const { return series_; }
  [[nodiscard]] const std::vector<kafka::Change>& leadership() const { return leadership_; }
  // The newest point of the record's `machine`; null before the first.
  [[nodiscard]] const nlohmann::json& machine() const { return newest_machine_; }
  // What comes before that moment and what comes after it are not joined in any series.
  void edge(Instant at);
  // The rest, when no lane is left.
  void finish();

 private:
  [[nodiscard]] WallTime origin_on_the_wall() const;
  void sample_series();
  void journal_leadership();
  void sample_machine();
  void journal();

  Lanes& lanes_;
  kafka::ClusterWatch& watch_;
  record::Journal& journal_;
  int trial_;
  LoadSeries series_;
  WorkMeter work_;
  std::vector<kafka::Change> leadership_;
  std::size_t journaled_changes_ = 0;  // of leadership_
  measure::MachineSample machine_before_ = measure::sample_machine();
  std::uint64_t backpressure_before_ = 0, throttle_before_ = 0;
  nlohmann::json machine_ = nlohmann::json::array();  // to be journalled; at first from the origin
  nlohmann::json newest_machine_;
  bool held_back_ = true;
};

}  // namespace seatrial::run
