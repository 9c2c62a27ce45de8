// The live line of a run: overwritten on a terminal, else a line per phase and every five seconds.
#pragma once

#include <cstddef>
#include <string>

#include "core/time.hpp"
#include "run/trial.hpp"
#include "scenario/plan.hpp"

namespace seatrial::cli {

class ProgressPrinter {
 public:
  // `at_most`: fewer may be enough.
  explicit ProgressPrinter(std::size_t trials, bool at_most = false);
  void show(const scenario::TrialPlan& trial, const run::TrialProgress& p);
  void end() const;  // clears the line

 private:
  std::size_t trials_;
  bool at_most_;
  bool overwrites_;
  std::string phase_, fault_;
  Instant printed_{};
};

}  // namespace seatrial::cli
