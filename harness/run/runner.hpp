// A run: every trial of a plan, one after the other, each on a fresh cluster; one folder with the
// journal, the record and the brokers' logs; one verdict.
//
// What ends it: all trials done, or an interruption (Ctrl-C, SIGTERM), after which the trial under
// way is healed and taken down, and the record says that it was interrupted. A trial that ends with
// an error does not end the run; its verdict is UNKNOWN. A broken invariant of ours ends it at
// once. Not done here: rendering. Whoever calls gets the record and renders it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>

#include "core/cluster.hpp"
#include "record/run_record.hpp"
#include "run/course.hpp"
#include "run/trial.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

struct RunSetting {
  const scenario::Plan& plan;
  const ClusterKind& kind;
  std::string kind_reason;        // why this kind, for people
  std::filesystem::path results;  // the run's folder is made below it
  std::string command;            // as typed, for the record
  bool keep_cluster = false;
  // Brokers run on from one trial to the next that asks for the same ones (kept_cluster.hpp).
  bool brokers_run_on = false;
  // What members of groups run: this program, which knows the verb for it.
  std::filesystem::path program = "/proc/self/exe";
  // Go on in this folder: its finished trials stay, the others run. Empty: a new folder.
  std::filesystem::path resume{};
  // What the record says of the run by `labels`; of one that goes on, beside what it had.
  std::map<std::string, std::string> labels{};
  // Called from the trial's thread, about once a second and at each change of phase.
  std::function<void(const scenario::TrialPlan&, const TrialProgress&)> progress;
  // See TrialSetting::wrap.
  std::function<std::unique_ptr<Cluster>(std::unique_ptr<Cluster>)> wrap;
  // Null: all trials of the plan, judged as the scenario says.
  Course* course = nullptr;
  nanoseconds write_budget{std::chrono::seconds(30)};  // for a full disk to take the record
};

struct RunResult {
  std::filesystem::path folder;  // where the record is: of the run, or another if that took nothing
  record::RunRecord record;
  int exit_code = 2;
};

// The exit code is the verdict's, 3 if brokers refused the settings of a trial, 4 if not one trial
// could be run (no broker came up, say), and 4 instead of 0 if the run's folder did not take the
// record; stderr says where it is then. Throws InfrastructureError if the folder cannot be made or
// written.
RunResult run_plan(const RunSetting& setting, const std::stop_token& stop);

}  // namespace seatrial::run
