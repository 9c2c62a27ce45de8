// A trial's results in the shape of the record (record.md), derived from the lanes, the history and
// what the watch saw. Called once, after everything has ended.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/checker.hpp"
#include "core/cluster.hpp"
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
};

// workloads, availability, faults, audit, contract, findings. Asserts for every producer that
// intended = sent + acked + failed + unknown + unsent.
nlohmann::json describe_outcome(const TrialOutcome& outcome);

nlohmann::json describe_topics(const scenario::TrialPlan& plan);
nlohmann::json describe_nodes(Cluster& cluster);
// From the live topics and the clients' effective properties, not from the scenario's words; only
// where a cluster answers no such questions (the mock) from the plan. Throws Interrupted on a stop.
Contract read_contract(const scenario::TrialPlan& plan, const Lanes& lanes, Cluster& cluster,
                       const std::stop_token& stop);

// Spans from a fault's injection until it was healed, every partition was acked again and fully
// replicated, and every load had worked off its backlog.
struct FaultWindow {
  Instant from, to;
};
std::vector<FaultWindow> fault_windows(const TrialOutcome& outcome);

}  // namespace seatrial::run
