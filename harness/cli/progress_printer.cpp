// Where the cursor cannot move, lines are few.
#include "cli/progress_printer.hpp"

#include <iostream>

#include "core/terminal.hpp"
#include "reports/progress.hpp"

namespace seatrial::cli {

ProgressPrinter::ProgressPrinter(std::size_t trials, bool at_most)
    : trials_(trials), at_most_(at_most), overwrites_(standard_terminal().moves_cursor) {}

void ProgressPrinter::show(const scenario::TrialPlan& trial, const run::TrialProgress& p) {
  const reports::Progress line{.variant = trial.variant,
                               .trial = trial.index + 1,
                               .trials = static_cast<int>(trials_),
                               .at_most = at_most_,
                               .phase = p.phase,
                               .into_s = p.into_s,
                               .phase_s = p.phase_s,
                               .offered_per_s = p.offered_per_s,
                               .acked_per_s = p.acked_per_s,
                               .consumed_per_s = p.consumed_per_s,
                               .p99_ns = {},
                               .fault = p.fault};
  const bool changed = p.phase.substr(0, 5) != phase_.substr(0, 5) || p.fault != fault_;
  const std::size_t width = standard_terminal().width;
  if (overwrites_) {
    // Less a column: with the last one taken, some terminals go on to the next line.
    std::cout << "\r\x1b[K" << reports::progress_line(line, width - 1) << std::flush;
  } else if (changed || now() - printed_ >= seconds(5)) {
    std::cout << reports::progress_line(line, width) << std::endl;
    printed_ = now();
  }
  phase_ = p.phase;
  fault_ = p.fault;
}

void ProgressPrinter::end() const {
  if (overwrites_) std::cout << "\r\x1b[K" << std::flush;
}

}  // namespace seatrial::cli
