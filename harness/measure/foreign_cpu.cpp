// A sample of the machine, and a walk over /proc for the threads that nobody chose to run.
#include "measure/foreign_cpu.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <system_error>

#include "core/file_text.hpp"

namespace seatrial::measure {
namespace {

// As the kernel cuts names to 15 characters.
constexpr std::array<std::string_view, 5> engine_processes{"dockerd", "docker-proxy", "containerd",
                                                           "containerd-shim", "runc"};

bool is_shared(const ProcessSample& process) {
  return process.kernel_thread ||
         std::ranges::find(engine_processes, std::string_view(process.name)) !=
             engine_processes.end();
}

double shared_cpu_s(double ticks_per_s) {
  namespace fs = std::filesystem;
  double sum = 0;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto stat = file_text(it->path() / "stat");
    if (!stat) continue;  // it has ended
    const auto process = parse_process_stat(*stat, ticks_per_s, 1);
    if (process && is_shared(*process)) sum += process->cpu_s;
  }
  return sum;
}

}  // namespace

CpuAccount open_cpu_account(const MachineSample& machine, double others_of_ours_s) {
  const auto ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  CpuAccount account{.at = machine.at,
                     .worked_s = {},
                     .own_s = machine.generator_cpu_s + others_of_ours_s,
                     .shared_s = shared_cpu_s(ticks_per_s)};
  if (machine.ticks) account.worked_s = static_cast<double>(machine.ticks->worked) / ticks_per_s;
  return account;
}

std::optional<double> foreign_cores(const CpuAccount& from, const CpuAccount& to) {
  const double length_s = to_seconds(to.at - from.at);
  if (!from.worked_s || !to.worked_s || length_s < 1) return std::nullopt;
  // Engine processes that ended took their time with them.
  const double shared = std::max(0.0, to.shared_s - from.shared_s);
  const double foreign = (*to.worked_s - *from.worked_s) - (to.own_s - from.own_s) - shared;
  return std::max(0.0, foreign) / length_s;
}

}  // namespace seatrial::measure
