// One line out of what is known; parts that are not known leave no gap.
#include "reports/progress.hpp"

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "reports/format.hpp"

namespace seatrial::reports {

namespace {

std::string per_second(double rate) {
  return format_count(static_cast<std::uint64_t>(std::llround(std::max(0.0, rate)))) + "/s";
}

}  // namespace

std::string progress_line(const Progress& progress, std::size_t width) {
  std::string rest = "  trial " + std::to_string(progress.trial) +
                     (progress.at_most ? " of at most " : " of ") +
                     std::to_string(progress.trials) + "  " + one_line(progress.phase) + " " +
                     decimal(std::floor(progress.into_s), 0);
  if (progress.phase_s > 0) rest += " of " + decimal(progress.phase_s, 1);
  rest += " s";
  if (progress.offered_per_s) rest += "  offered " + per_second(*progress.offered_per_s);
  if (progress.acked_per_s) rest += "  acked " + per_second(*progress.acked_per_s);
  if (progress.consumed_per_s) rest += "  read " + per_second(*progress.consumed_per_s);
  if (progress.p99_ns) rest += "  p99 " + format_duration(nanoseconds{*progress.p99_ns});
  if (!progress.fault.empty()) rest += "  ! " + one_line(progress.fault);

  const auto used = width_of(rest);
  const std::size_t least_name = 8;
  const auto room = std::max(least_name, width > used ? width - used : 0);
  return clip(clip(one_line(progress.variant), room) + rest, width);
}

}  // namespace seatrial::reports
