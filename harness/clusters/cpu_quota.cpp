// Control groups by their files.
#include "clusters/cpu_quota.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <utility>

#include "clusters/leftovers.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

constexpr const char* v1_root = "/sys/fs/cgroup/cpu";
constexpr const char* v2_root = "/sys/fs/cgroup";
constexpr std::string_view prefix = "seatrial.";
constexpr int period_us = 100'000;  // as container engines set it

bool is_v1() { return fs::exists(fs::path(v1_root) / "cpu.cfs_quota_us"); }
fs::path root() { return is_v1() ? v1_root : v2_root; }

// Such files take a write as a whole or refuse it.
std::optional<Error> write_into(const fs::path& file, const std::string& text) {
  errno = 0;
  std::ofstream out(file);
  out << text << std::flush;
  if (out) return std::nullopt;
  const std::error_code why(errno == 0 ? EIO : errno, std::generic_category());
  return Error{"cannot write " + text + " to " + file.string() + ": " + why.message(), ""};
}

std::optional<Error> limit(const fs::path& group, double cores) {
  const std::string period = std::to_string(period_us);
  const std::string quota = std::to_string(std::llround(cores * period_us));
  if (!is_v1()) return write_into(group / "cpu.max", quota + " " + period);
  if (auto failed = write_into(group / "cpu.cfs_period_us", period)) return failed;
  return write_into(group / "cpu.cfs_quota_us", quota);
}

void remove_group(const fs::path& group) noexcept {
  // The kernel empties a group a moment after its last process was reaped.
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (::rmdir(group.c_str()) == 0 || errno != EBUSY) return;
    ::usleep(2000);
  }
}

}  // namespace

Result<CpuQuota> CpuQuota::make(const std::string& run_id, const std::string& node, double cores) {
  const fs::path group = root() / (std::string(prefix) + run_id + "." + node);
  std::error_code failure;
  fs::create_directory(group, failure);
  if (failure) {
    return Error{"cannot make " + group.string() + ": " + failure.message(),
                 "leave cluster.cpus out, or run as root"};
  }
  CpuQuota out(group);
  if (auto failed = limit(group, cores)) return *failed;
  return out;
}

CpuQuota::~CpuQuota() {
  if (!group_.empty()) remove_group(group_);
}

CpuQuota::CpuQuota(CpuQuota&& other) noexcept : group_(std::exchange(other.group_, {})) {}

CpuQuota& CpuQuota::operator=(CpuQuota&& other) noexcept {
  std::swap(group_, other.group_);
  return *this;
}

std::optional<Error> CpuQuota::put(pid_t pid) const {
  return write_into(group_ / "cgroup.procs", std::to_string(pid));
}

std::optional<std::string> no_cpu_quotas() {
  const fs::path groups = root();
  if (!is_v1()) {
    std::ifstream in(groups / "cgroup.subtree_control");
    std::string controller;
    bool divides = false;
    while (in >> controller) divides = divides || controller == "cpu";
    if (!divides)
      return "this system's control groups do not divide CPU time (" + groups.string() + ")";
  }
  if (::access(groups.c_str(), W_OK) == 0) return std::nullopt;
  return "control groups can be made by root alone (" + groups.string() + ")";
}

std::vector<std::string> sweep_cpu_quotas() {
  std::vector<std::string> lines;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(root(), failure)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const auto last = name.rfind('.');
    const std::string run_id = name.substr(prefix.size(), last - prefix.size());
    if (last < prefix.size() || run_is_alive(run_id)) continue;
    remove_group(entry.path());
    std::error_code ignored;
    if (!fs::exists(entry.path(), ignored)) lines.push_back("control group " + name);
  }
  return lines;
}

}  // namespace seatrial::clusters
