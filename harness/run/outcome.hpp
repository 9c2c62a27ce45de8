// All that is known of a trial once everything has ended, for those who tell of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checkers/check_all.hpp"
#include "core/checker.hpp"
#include "core/history.hpp"
#include "run/audit_log.hpp"
#include "run/lanes.hpp"
#include "run/sampler.hpp"
#include "run/timeline.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

struct TrialOutcome {
  const scenario::TrialPlan& plan;
  const Lanes& lanes;
  const Sampler& sampler;
  const Timeline& timeline;
  const History& history;
  const std::vector<Finding>& findings;
  const AuditResult& audit;
  // Of workloads that read, and never caught up: why (judge/steady.hpp).
  const std::map<std::string, std::string>& falls_behind;
  const checkers::FailedCheckers& failed_checkers;
};

}  // namespace seatrial::run
