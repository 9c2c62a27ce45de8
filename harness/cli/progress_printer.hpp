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
  explicit ProgressPrinter(std::size_t trials);
  void show(const scenario::TrialPlan& trial, const run::TrialProgress& p);
  void end() const;  // clears the line

 private:
  std::size_t trials_;
  bool overwrites_;
  std::string phase_, fault_;
  Instant printed_{};
};

}  // namespace seatrial::cli
