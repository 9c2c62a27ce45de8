// What leads through a run's trials, where their number or what they come to is not the plan's
// alone: a gate runs pairs until it can tell.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "record/journal.hpp"
#include "record/run_record.hpp"

namespace seatrial::run {

// Called from the run's thread, one call at a time.
class Course {
 public:
  virtual ~Course() = default;
  // The run has begun, or goes on; what the record shall have from then on goes to the journal.
  virtual void begin(record::Journal& journal) = 0;
  // The trial, of the plan's index, is about to begin; nothing else of the run uses the machine.
  virtual void before(int trial, record::Journal& journal) = 0;
  // Whether the trials so far are enough. Asked after each, and before the first.
  virtual bool enough(record::Journal& journal) = 0;
  // `end`: variants, columns, expectations and verdict of the trials (run/verdict.hpp), which the
  // course may judge otherwise.
  virtual void conclude(const record::RunRecord& record, bool interrupted, nlohmann::json& end) = 0;
};

}  // namespace seatrial::run
