// Bounds in numbers, reasons in sentences.
#include "judge/generator.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/units.hpp"

namespace seatrial::judge {

std::optional<std::string> generator_limit(std::int64_t lateness_p99_ns,
                                           std::int64_t response_p99_ns,
                                           std::uint64_t backpressure_ns) {
  if (lateness_p99_ns <= 1'000'000 || lateness_p99_ns * 10 <= response_p99_ns) return std::nullopt;
  std::string why = "lateness p99 is " + format_duration(nanoseconds(lateness_p99_ns)) +
                    ", more than 10 % of response p99, " +
                    format_duration(nanoseconds(response_p99_ns));
  if (backpressure_ns > 0) {
    why += "; its clients' queues were full for " +
           format_duration(nanoseconds(static_cast<std::int64_t>(backpressure_ns))) +
           ", so the brokers may have held it up";
  }
  return why;
}

std::optional<std::string> disturbance(std::optional<double> foreign_cores,
                                       std::optional<double> steal_share) {
  const auto cores = static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  constexpr const char* advice =
      " during measure: latencies include them, too; measure where nothing else runs";
  if (foreign_cores && *foreign_cores > std::max(0.2, 0.05 * cores)) {
    return fmt::format("other processes used {:.2f} of this machine's {:.0f} cores{}",
                       *foreign_cores, cores, advice);
  }
  if (steal_share && *steal_share > 0.02) {
    return fmt::format("other machines of its host took {:.1f} % of this one's cores{}",
                       *steal_share * 100, advice);
  }
  return std::nullopt;
}

}  // namespace seatrial::judge
