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
#include "run/work_meter.hpp"

namespace seatrial::run {

class Sampler {
 public:
  Sampler(Lanes& lanes, kafka::ClusterWatch& watch, record::Journal& journal, int trial);

  void look() { work_.look(); }  // every few milliseconds, for the backlogs
  void sample();                 // journals what is new; cheap when nothing is

  [[nodiscard]] const WorkMeter& work() const { return work_; }
  // Per workload, in the order of Lanes::workloads(); seconds since the clock's origin.
  [[nodiscard]] const measure::Series& series(std::size_t workload) const {
    return series_[workload];
  }
  [[nodiscard]] const std::vector<kafka::Change>& leadership() const { return leadership_; }
  // The record's `machine`, so far without hiccups.
  [[nodiscard]] const nlohmann::json& machine() const { return machine_; }

 private:
  void sample_series();
  void sample_machine();
  void journal();

  Lanes& lanes_;
  kafka::ClusterWatch& watch_;
  record::Journal& journal_;
  int trial_;
  std::vector<measure::Series> series_;
  WorkMeter work_;
  std::vector<kafka::Change> leadership_;
  std::size_t journaled_changes_ = 0;  // of leadership_
  measure::MachineSample machine_before_ = measure::sample_machine();
  std::uint64_t backpressure_before_ = 0, throttle_before_ = 0;
  nlohmann::json machine_ = nlohmann::json::array();  // while times are held back, from the origin
  std::size_t journaled_points_ = 0;                  // of machine_
  bool held_back_ = true;
};

}  // namespace seatrial::run
