// What other processes of this machine used of its cores meanwhile: what cores worked, less what
// the run's own processes, the container engine that carries their traffic, and the kernel's own
// threads used. By subtraction, so that processes which came and went count, too.
//
//   const CpuAccount before = open_cpu_account(sample_machine(), own_cpu_s);
//   ...
//   const auto cores = foreign_cores(before, open_cpu_account(sample_machine(), own_cpu_s));
#pragma once

#include <optional>

#include "core/time.hpp"
#include "measure/machine.hpp"

namespace seatrial::measure {

// Running totals at one moment, in seconds of CPU.
struct CpuAccount {
  Instant at;
  std::optional<double> worked_s;  // by all cores, for processes and kernel threads
  double own_s = 0;                // of this run's processes, as the caller says
  double shared_s = 0;             // of kernel threads and of the container engine's processes
};

// `others_of_ours_s`: user and system time so far of this run's processes beside the sampled one,
// dead ones included.
[[nodiscard]] CpuAccount open_cpu_account(const MachineSample& machine, double others_of_ours_s);

// In cores; nothing if the system does not say, or too little time lies between the two.
[[nodiscard]] std::optional<double> foreign_cores(const CpuAccount& from, const CpuAccount& to);

}  // namespace seatrial::measure
