// A limit of CPU time for the processes that are put under it, by control groups of either version.
// What is not in the group cannot be slowed by it, and the kernel counts how often it held them.
//
// Groups are named by their run, so that those which a killed run left behind are found by name and
// go with `sweep_cpu_quotas`; one with processes in it cannot be removed, so none is by mistake.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace seatrial::clusters {

class CpuQuota {
 public:
  // So many cores, as containers are given them: of each 100 ms the group runs cores x 100 ms.
  static Result<CpuQuota> make(const std::string& run_id, const std::string& node, double cores);
  ~CpuQuota();
  CpuQuota(CpuQuota&& other) noexcept;
  CpuQuota& operator=(CpuQuota&& other) noexcept;

  // The process with all its threads, and whatever they start. What went wrong, or nothing.
  [[nodiscard]] std::optional<Error> put(pid_t pid) const;

 private:
  explicit CpuQuota(std::filesystem::path group) : group_(std::move(group)) {}
  std::filesystem::path group_;  // empty once moved from
};

// Why quotas cannot be set here, or nothing.
[[nodiscard]] std::optional<std::string> no_cpu_quotas();

// Removes the groups of dead runs. One line for each.
std::vector<std::string> sweep_cpu_quotas();

}  // namespace seatrial::clusters
