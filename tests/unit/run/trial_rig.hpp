// A whole trial over a cluster whose processes are states and whose clients librdkafka's mock
// answers: a plan of one topic, what a test adds to it, and what the record says afterwards.
//
//   TrialRig rig;
//   rig.plan.workloads.push_back(...);
//   rig.stop_at = "measure";           // as Ctrl-C in that phase
//   CHECK(rig.run() == TrialEnd::interrupted);
//   CHECK(rig.recorded().error() == "interrupted");
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "record/journal.hpp"
#include "run/trial.hpp"
#include "support/fake_cluster.hpp"
#include "support/recorded_trial.hpp"

namespace seatrial::run {

class TrialRig {
 public:
  TrialRig();
  ~TrialRig();
  TrialRig(const TrialRig&) = delete;
  TrialRig& operator=(const TrialRig&) = delete;

  void add_producer();  // a real one, of a hundred messages a second
  void add_fault(const std::string& action, int node, milliseconds at = milliseconds(0));
  TrialEnd run();
  [[nodiscard]] test::RecordedTrial recorded() const { return test::RecordedTrial(*journal_); }
  [[nodiscard]] bool was_shown(const std::string& phase) const;

  test::ClusterScript cluster{.serves = true};
  scenario::TrialPlan plan;
  bool keep_cluster = false;
  bool await_readiness = false;  // as real trials do, for the seconds that a group takes to form
  std::string stop_at;           // the phase, as it is shown, at whose begin the run is stopped
  std::function<void(const std::string& phase)> on_phase;
  std::vector<std::string> shown;                     // phases, in order
  std::vector<ProcessState::Kind> states_at_the_end;  // of brokers, when `down` was called

 private:
  void progress(const TrialProgress& at);

  std::filesystem::path folder_;
  std::unique_ptr<record::Journal> journal_;
  std::stop_source stop_;
};

}  // namespace seatrial::run
