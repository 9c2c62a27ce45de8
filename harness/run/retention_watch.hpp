// Looks at both ends of the logs that retention shortens, now and then during a trial, on a thread
// of its own: what was deleted cannot be asked for afterwards. Judges nothing.
//
// A look that fails (a broker is down) leaves a gap; looks are evidence, their absence is none.
#pragma once

#include <memory>
#include <vector>

#include "core/history.hpp"
#include "kafka/watch.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

class RetentionWatch {
 public:
  // Watches the topics of the plan that set retention.ms themselves, from now on; does nothing if
  // there is none.
  RetentionWatch(const scenario::TrialPlan& plan, const kafka::ClusterWatch& watch);
  ~RetentionWatch();
  RetentionWatch(const RetentionWatch&) = delete;
  RetentionWatch& operator=(const RetentionWatch&) = delete;

  // Ends the watching; `timestamp_lag` of each is left to the caller.
  [[nodiscard]] std::vector<RetentionHistory> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatrial::run
