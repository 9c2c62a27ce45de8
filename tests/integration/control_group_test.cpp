// What the kernel holds a group of processes to: CPU time, memory, standing still; and that nothing
// of it is left behind.
#include "clusters/control_group.hpp"

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

std::unique_ptr<Child> start(const std::string& script) {
  auto child = Child::spawn(
      {.argv = {"/bin/sh", "-c", script}, .env = {}, .cwd = {}, .output = "/dev/null"});
  REQUIRE(child);
  return std::move(*child);
}

std::unique_ptr<Child> start_busy() { return start("while :; do :; done"); }

int count_groups(const std::string& run_id) {
  int count = 0;
  for (const auto& folder : GroupTrees().folders())
    count += std::filesystem::exists(folder / ("seatrial." + run_id + ".node-1")) ? 1 : 0;
  return count;
}

template <class Condition>
bool comes(Condition condition) {
  const Instant deadline = now() + seconds(10);
  while (!condition() && now() < deadline) std::this_thread::sleep_for(milliseconds(5));
  return condition();
}

TEST_CASE("a process under a quota gets as many cores, and its group goes with it") {
  const std::set controllers{Controller::cpu};
  if (const auto why = GroupTrees().lacks(controllers)) SEATRIAL_SKIP(*why);
  const std::string run_id = "quota-test-" + std::to_string(getpid());
  const auto busy = start_busy();
  {
    auto group = ControlGroup::make(GroupTrees(), run_id, "node-1", controllers);
    REQUIRE(group);
    REQUIRE_FALSE(group->limit_cpu(0.25));
    REQUIRE_FALSE(group->put(busy->pid()));
    CHECK(count_groups(run_id) == 1);
    const double before = cpu_s(busy->pid());
    const Instant begun = now();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const double cores = (cpu_s(busy->pid()) - before) / to_seconds(now() - begun);
    CHECK(cores < 0.32);
    CHECK(cores > 0.02);
    const LimitCounters seen = group->counted();
    CHECK(seen.throttled > 0);
    CHECK(seen.throttled <= seen.periods);
    CHECK(seen.held_back > nanoseconds(0));
    REQUIRE_FALSE(group->limit_cpu(std::nullopt));
    std::this_thread::sleep_for(milliseconds(300));  // of a period that had begun
    const auto throttled = group->counted().throttled;
    std::this_thread::sleep_for(milliseconds(300));
    CHECK(group->counted().throttled == throttled);
    busy->kill_group();
    CHECK(busy->wait(std::chrono::seconds(5)));
  }
  CHECK(count_groups(run_id) == 0);
}

TEST_CASE("the kernel ends a process that wants more memory than its group may have") {
  const std::set controllers{Controller::memory};
  if (const auto why = GroupTrees().lacks(controllers)) SEATRIAL_SKIP(*why);
  const std::string run_id = "memory-test-" + std::to_string(getpid());
  auto group = ControlGroup::make(GroupTrees(), run_id, "node-1", controllers);
  REQUIRE(group);
  REQUIRE_FALSE(group->limit_memory(50'000'000));
  const auto eater = start("until grep -qF '/" + group->name() +
                           "' /proc/self/cgroup; do sleep 0.01; done; exec tail -n 1 /dev/zero");
  REQUIRE_FALSE(group->put(eater->pid()));
  REQUIRE(eater->wait(std::chrono::seconds(30)));
  CHECK(to_string(eater->state()) == "killed by signal 9");
  const LimitCounters seen = group->counted();
  CHECK(seen.oom_kills == 1);
  CHECK(seen.at_limit > 0);
  CHECK(seen.memory_bytes < 50'000'000);
}

TEST_CASE("a process that is left less memory than it has may want no more") {
  const std::set controllers{Controller::memory};
  if (const auto why = GroupTrees().lacks(controllers)) SEATRIAL_SKIP(*why);
  const std::string run_id = "less-test-" + std::to_string(getpid());
  auto group = ControlGroup::make(GroupTrees(), run_id, "node-1", controllers);
  REQUIRE(group);
  const auto limited = std::filesystem::temp_directory_path() / run_id;
  const auto holder = start("until grep -qF '/" + group->name() +
                            "' /proc/self/cgroup; do sleep 0.01; done; "
                            "x=$(head -c 40000000 /dev/zero | tr '\\0' x); "
                            "until [ -e " +
                            limited.string() + " ]; do sleep 0.05; done; y=$x$x$x");
  REQUIRE_FALSE(group->put(holder->pid()));
  REQUIRE(comes([&] { return group->counted().memory_bytes > 40'000'000; }));
  const auto failed = group->limit_memory(10'000'000);
  INFO((failed ? failed->message : ""));
  CHECK_FALSE(failed);
  std::ofstream(limited) << "so";
  REQUIRE(holder->wait(std::chrono::seconds(30)));
  CHECK(to_string(holder->state()) == "killed by signal 9");
  CHECK(group->counted().oom_kills >= 1);
  std::filesystem::remove(limited);
}

TEST_CASE("a frozen process does nothing, gets no signal, and goes on where it was") {
  const std::set controllers{Controller::freezer};
  if (const auto why = GroupTrees().lacks(controllers)) SEATRIAL_SKIP(*why);
  const std::string run_id = "freeze-test-" + std::to_string(getpid());
  auto group = ControlGroup::make(GroupTrees(), run_id, "node-1", controllers);
  REQUIRE(group);
  const auto busy = start_busy();
  REQUIRE_FALSE(group->put(busy->pid()));
  REQUIRE_FALSE(group->freeze(true));
  REQUIRE(comes([&] { return group->is_frozen(); }));
  CHECK_FALSE(read_proc_stat(busy->pid())->stopped());
  const double before = cpu_s(busy->pid());
  std::this_thread::sleep_for(milliseconds(300));
  CHECK(cpu_s(busy->pid()) == before);
  REQUIRE_FALSE(group->freeze(false));
  CHECK(comes([&] { return cpu_s(busy->pid()) > before; }));
  CHECK_FALSE(group->is_frozen());
  busy->kill_group();
  CHECK(busy->wait(std::chrono::seconds(5)));
}

TEST_CASE("groups of dead runs are swept, frozen ones too, and not with processes in them") {
  const std::set controllers{Controller::cpu, Controller::freezer};
  if (const auto why = GroupTrees().lacks(controllers)) SEATRIAL_SKIP(*why);
  const std::string run_id = "groups-dead-" + std::to_string(getpid());
  auto group = ControlGroup::make(GroupTrees(), run_id, "node-1", controllers);
  REQUIRE(group);
  const int made = count_groups(run_id);
  CHECK(made >= 1);
  const auto sleeper = start("sleep 30");
  REQUIRE_FALSE(group->put(sleeper->pid()));
  REQUIRE_FALSE(group->freeze(true));
  REQUIRE(comes([&] { return group->is_frozen(); }));
  sweep_control_groups();
  CHECK(count_groups(run_id) == made);
  thaw_dead_groups();
  CHECK_FALSE(group->is_frozen());
  sleeper->kill_group();
  REQUIRE(sleeper->wait(std::chrono::seconds(5)));
  CHECK(comes([&] {
    sweep_control_groups();
    return count_groups(run_id) == 0;
  }));
}

}  // namespace
}  // namespace seatrial::clusters
