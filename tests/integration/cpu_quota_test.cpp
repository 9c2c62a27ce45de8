// CPU time that a group of processes may use: the kernel holds them to it, and nothing of it is
// left behind.
#include "clusters/cpu_quota.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "clusters/process.hpp"
#include "core/time.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace seatrial::clusters {
namespace {

// User and system time of a process, in seconds.
double cpu_s(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::filesystem::path group_of(const std::string& run_id, const std::string& node) {
  for (const char* root : {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup"}) {
    const auto group = std::filesystem::path(root) / ("seatrial." + run_id + "." + node);
    if (std::filesystem::exists(group)) return group;
  }
  return {};
}

TEST_CASE("a process under a quota gets as many cores, and its group goes with it") {
  if (const auto why = no_cpu_quotas()) SEATRIAL_SKIP(*why);
  const std::string run_id = "quota-test-" + std::to_string(getpid());
  auto busy = Child::spawn({.argv = {"/bin/sh", "-c", "while :; do :; done"},
                            .env = {},
                            .cwd = {},
                            .output = "/dev/null"});
  REQUIRE(busy);
  {
    auto quota = CpuQuota::make(run_id, "node-1", 0.25);
    REQUIRE(quota);
    REQUIRE_FALSE(quota->put((*busy)->pid()));
    CHECK(std::filesystem::exists(group_of(run_id, "node-1")));
    const double before = cpu_s((*busy)->pid());
    const Instant begun = now();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const double cores = (cpu_s((*busy)->pid()) - before) / to_seconds(now() - begun);
    CHECK(cores < 0.32);
    CHECK(cores > 0.02);
    (*busy)->kill_group();
    CHECK((*busy)->wait(std::chrono::seconds(5)));
  }
  CHECK(group_of(run_id, "node-1").empty());
}

TEST_CASE("groups of dead runs are swept, and those with processes in them are not") {
  if (const auto why = no_cpu_quotas()) SEATRIAL_SKIP(*why);
  const std::string run_id = "quota-dead-" + std::to_string(getpid());
  auto quota = CpuQuota::make(run_id, "node-1", 0.5);
  REQUIRE(quota);
  auto sleeper =
      Child::spawn({.argv = {"/bin/sleep", "30"}, .env = {}, .cwd = {}, .output = "/dev/null"});
  REQUIRE(sleeper);
  REQUIRE_FALSE(quota->put((*sleeper)->pid()));
  sweep_cpu_quotas();
  CHECK_FALSE(group_of(run_id, "node-1").empty());
  (*sleeper)->kill_group();
  REQUIRE((*sleeper)->wait(std::chrono::seconds(5)));
  bool gone = false;
  for (int attempt = 0; attempt < 50 && !gone; ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    sweep_cpu_quotas();
    gone = group_of(run_id, "node-1").empty();
  }
  CHECK(gone);
}

}  // namespace
}  // namespace seatrial::clusters
