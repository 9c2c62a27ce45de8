// What leads through a run's trials, where their number, their load or what they come to is not the
// plan's alone: a gate runs pairs until it can tell, a search seeks a load.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "record/journal.hpp"
#include "record/run_record.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// Called from the run's thread, one call at a time.
class Course {
 public:
  virtual ~Course() = default;
  // The run has begun, or goes on; what the record shall have from then on goes to the journal.
  virtual void begin(record::Journal& journal) = 0;
  // The trial as it is to run, where the plan leaves that open; index and seed stay.
  virtual void adapt(scenario::TrialPlan& trial) { static_cast<void>(trial); }
  // Whether a trial that did not finish counts all the same, and is not run once more when the run
  // goes on.
  [[nodiscard]] virtual bool keeps(const View& trial) const {
    static_cast<void>(trial);
    return false;
  }
  // The trial, of the plan's index, is about to begin; nothing else of the run uses the machine.
  virtual void before(int trial, record::Journal& journal) = 0;
  // Whether the trials so far are enough. Asked after each, and before the first.
  virtual bool enough(record::Journal& journal) = 0;
  // `end`: variants, columns, expectations and verdict of the trials (run/verdict.hpp), which the
  // course may judge otherwise.
  virtual void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) = 0;
};

}  // namespace seatrial::run
