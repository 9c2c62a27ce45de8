// Brokers that outlive a trial: the next one that asks for the same cluster gets the running one,
// with topics of its own. It says less of each trial than fresh brokers do, and takes seconds less:
// for searches, whose trials differ in nothing but their load.
//
// A trial is lent the cluster. What it takes down is what it made: its topics are deleted, with
// whatever groups committed there. Clusters that make topics by themselves (the mock) are not kept.
// Used from the run's thread only.
#pragma once

#include <memory>

#include "core/cluster.hpp"
#include "scenario/plan.hpp"

namespace seatrial::run {

class KeptCluster {
 public:
  KeptCluster();
  ~KeptCluster();
  KeptCluster(const KeptCluster&) = delete;
  KeptCluster& operator=(const KeptCluster&) = delete;

  // What the trial is to use instead of `made`, which becomes the kept one unless a cluster that
  // asks for the same runs already. Ended before the next call.
  [[nodiscard]] std::unique_ptr<Cluster> lend(const scenario::TrialPlan& trial,
                                              std::unique_ptr<Cluster> made);
  // Takes it down, as after a trial that broke off: what state it is in, nobody knows.
  void end() noexcept;

  struct Running;

 private:
  std::shared_ptr<Running> running_;
};

}  // namespace seatrial::run
