// Bounds in numbers, reasons in sentences.
#include "judge/generator.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/units.hpp"

namespace seatrial::judge {
namespace {

constexpr double waits = 0.5;      // of its time a lane waits, from which on it waited most of it
constexpr double full_lane = 0.9;  // cores that one keeps busy, its client's threads included
constexpr double full_node = 0.9;  // of the machine's cores
constexpr double full_machine = 0.85;

double length_of(const View& trial, std::string_view phase) {
  for (const View& span : trial["phases"].items()) {
    if (span["name"].is(phase)) return span["to_s"].number_or(0) - span["from_s"].number_or(0);
  }
  return 0;
}

// In cores, over measure; nothing where no second tells.
std::optional<double> generator_cores(const View& trial) {
  double sum = 0;
  int seconds = 0;
  const double end = length_of(trial, "measure");
  for (const View& point : trial["machine"].items()) {
    const double at = point["t_s"].number_or(-1);
    const auto cpu = point["generator_cpu"].number();
    if (at < 0 || at >= end || !cpu) continue;
    sum += *cpu;
    ++seconds;
  }
  if (seconds == 0) return std::nullopt;
  return sum / seconds;
}

// Of the broker that used most of them.
std::optional<double> busiest_node_cores(const View& trial) {
  std::optional<double> most;
  for (const View& node : trial["brokers"].items()) {
    if (const auto cpu = node["cpu"].number()) most = std::max(most.value_or(0), *cpu);
  }
  return most;
}

double cores_here() { return static_cast<double>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))); }

}  // namespace

std::optional<std::string> generator_limit(std::int64_t lateness_p99_ns,
                                           std::int64_t response_p99_ns,
                                           std::uint64_t backpressure_ns, nanoseconds wake) {
  if (lateness_p99_ns <= 1'000'000 || lateness_p99_ns * 10 <= response_p99_ns) return std::nullopt;
  const std::string beyond =
      wake.count() > 0 ? " beyond the " + format_duration(wake) + " of `wake`" : "";
  std::string why =
      "lateness p99" + beyond + " is " + format_duration(nanoseconds(lateness_p99_ns)) +
      ", more than 10 % of response p99, " + format_duration(nanoseconds(response_p99_ns));
  if (backpressure_ns > 0) {
    why += "; its clients' queues were full for " +
           format_duration(nanoseconds(static_cast<std::int64_t>(backpressure_ns))) +
           ", so the brokers may have held it up";
  }
  return why;
}

std::optional<std::string> disturbance(std::optional<double> foreign_cores,
                                       std::optional<double> steal_share) {
  const double cores = cores_here();
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

double disturbed_share(std::optional<double> foreign_cores, std::optional<double> steal_share) {
  if (!disturbance(foreign_cores, steal_share)) return 0;
  return std::min(foreign_cores.value_or(0) / cores_here() + steal_share.value_or(0), 1.0);
}

std::map<std::string, std::string> connection_limits(const View& trial) {
  std::map<std::string, std::string> out;
  const auto busy = trial["generator"]["busy_share"].number();
  const auto own = generator_cores(trial);
  const auto node = busiest_node_cores(trial);
  const double cores = cores_here();
  if (!busy || !own || !node || *busy > full_machine || *node > full_node * cores) return out;
  double all_lanes = 0;
  for (const View& workload : trial["workloads"].items()) {
    all_lanes += workload["lanes"].number_or(0);
  }
  if (*own > full_lane * all_lanes) return out;
  const double loaded = length_of(trial, "warmup") + length_of(trial, "measure");
  for (const View& workload : trial["workloads"].items()) {
    const double lanes = workload["lanes"].number_or(0);
    if (!workload["loop"].is("closed") || lanes == 0 || loaded <= 0) continue;
    if (workload["client_library"].present()) continue;  // its processes' CPU is not told by second
    const double waited = workload["backpressure_ns"].number_or(0) / 1e9 / (lanes * loaded);
    if (waited < waits) continue;
    out[workload["name"].text()] = fmt::format(
        "its {:.0f} lane{} waited for answers {:.0f} % of the time, while {:.0f} % of this "
        "machine's cores were idle, the harness used {:.2f} cores and the busiest broker {:.2f}: "
        "a broker serves a connection's requests in turn, so more lanes may find more",
        lanes, lanes == 1 ? "" : "s", std::min(waited, 1.0) * 100, (1 - *busy) * 100, *own, *node);
  }
  return out;
}

}  // namespace seatrial::judge
