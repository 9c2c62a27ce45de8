// One trial: a fresh cluster, the workloads with their timeline, healing, the audit, the findings.
// What happens is journaled as it happens; the trial's part of the record is complete when
// `run_trial` returns.
//
//   up -> ready -> connect lanes -> warmup -> measure (+ timeline) -> heal -> settle -> full ISR ->
//   audit
//
// The cluster is taken down and faults are healed on every way out. Throws nothing that belongs to
// the trial: an error becomes its status and makes its verdict UNKNOWN. Broken invariants of ours
// do pass.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "core/cluster.hpp"
#include "record/journal.hpp"
#include "run/readiness.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

// For the live line on a terminal.
struct TrialProgress {
  std::string phase;   // "starting brokers", "warmup", "measure", "settling", "audit"
  double into_s = 0;   // since the phase began
  double phase_s = 0;  // its length; 0: not known in advance
  std::optional<double> offered_per_s, acked_per_s, consumed_per_s;
  std::string fault;  // in force now; empty: none
};

struct TrialSetting {
  const scenario::TrialPlan& plan;
  const std::vector<scenario::Expectation>& expectations;
  const ClusterKind& kind;
  std::string run_id;
  std::filesystem::path folder;  // of the run
  bool keep_cluster = false;
  std::filesystem::path program;  // that knows the verb `worker`, for members' processes
  record::Journal& journal;
  std::function<void(const TrialProgress&)> progress;
  // Where the scenario says what these keys lead to; see scenario/places.hpp.
  std::function<std::string(const std::vector<std::string>& keys)> written_at;
  // Tests wrap the cluster, to make a fault ineffective for instance. Null: the cluster as made.
  std::function<std::unique_ptr<Cluster>(std::unique_ptr<Cluster>)> wrap;
  // Instead of make_ready, for tests that wait for no canary. Null: that.
  std::function<Readiness()> ready{};
};

// refused: the cluster does not take the scenario's settings, so the same ones are in vain again.
enum class TrialEnd { finished, error, interrupted, refused };

TrialEnd run_trial(const TrialSetting& setting, const std::stop_token& stop);

}  // namespace seatrial::run
