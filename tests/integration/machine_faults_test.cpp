// Faults of a node's share of the machine and of its clock, on one real broker; and a small process
// whose clock is wrong.
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <thread>

#include "clusters/control_group.hpp"
#include "clusters/files.hpp"
#include "clusters/node_clocks.hpp"
#include "clusters/node_limits.hpp"
#include "clusters/process.hpp"
#include "core/clocks.hpp"
#include "core/fault.hpp"
#include "core/file_text.hpp"
#include "core/limits.hpp"
#include "core/numbers.hpp"
#include "support/catch.hpp"
#include "support/make_fault.hpp"
#include "support/real_cluster.hpp"
#include "support/skip.hpp"

namespace seatrial {
namespace {

namespace fs = std::filesystem;
using Words = test::FaultWords;

const std::string no_library = "libfaketime is not installed";

double last_of(const Evidence& evidence, const std::string& kind) {
  double last = -1;
  for (const auto& one : evidence.counted) {
    if (one.kind == kind) last = one.value;
  }
  return last;
}

// Injects, holds and heals; what was counted.
Evidence play(Cluster& cluster, const std::string& name, const Words& words, milliseconds held) {
  INFO(name);
  Evidence evidence;
  const auto fault = test::make_fault(name, words);
  fault->inject(cluster, {cluster.nodes().front().id}, evidence);
  std::this_thread::sleep_for(held);
  for (const auto& failure : fault->heal(cluster, evidence)) FAIL_CHECK(failure);
  for (const auto& failure : fault->heal(cluster, evidence)) FAIL_CHECK(failure);
  return evidence;
}

ClusterSpec one_broker(std::set<Gear> gear) {
  ClusterSpec spec;
  spec.brokers = 1;
  spec.combined = true;
  spec.gear = std::move(gear);
  return spec;
}

void limits_hold(Cluster& cluster) {
  const NodeId node = cluster.nodes().front().id;
  const auto throttled = play(cluster, "throttle_cpu", {{"cores", "0.01"}}, seconds(1));
  CHECK(last_of(throttled, "periods throttled") > 0);
  CHECK(last_of(throttled, "time held back") > 0);

  const auto frozen = play(cluster, "freeze", {}, milliseconds(200));
  CHECK(frozen.nodes.at(0).after.kind == ProcessState::Kind::paused);
  CHECK(cluster.processes()->state(node).kind == ProcessState::Kind::running);

  const auto killed = play(cluster, "oom_kill", {{"patience", "30s"}}, milliseconds(0));
  CHECK(to_string(killed.nodes.at(0).after) == "killed by signal 9");
  CHECK(last_of(killed, "OOM kills") >= 1);
  CHECK(cluster.processes()->state(node).kind == ProcessState::Kind::running);
}

TEST_CASE("a container of compose is throttled, frozen, and ended for want of memory") {
  if (const auto why = clusters::GroupTrees().lacks(clusters::all_limits)) SEATRIAL_SKIP(*why);
  test::RealCluster cluster("compose", one_broker({Gear::limits}), "container");
  limits_hold(*cluster);
  // What has started anew is in it again.
  const auto again = play(*cluster, "throttle_cpu", {{"cores", "0.01"}}, seconds(1));
  CHECK(last_of(again, "periods throttled") > 0);
  CHECK(cluster->down().empty());
}

TEST_CASE("a broker is throttled, frozen, told wrong times, and ended for want of memory") {
  if (const auto why = clusters::GroupTrees().lacks(clusters::all_limits)) SEATRIAL_SKIP(*why);
  if (!clusters::find_faketime()) SEATRIAL_SKIP(no_library);
  test::RealCluster cluster("local", one_broker({Gear::clocks, Gear::limits}), "machine");
  const auto stepped = play(*cluster, "step_clock", {{"by", "-30s"}}, milliseconds(0));
  CHECK(stepped.counted.at(0).value == Approx(-30).margin(0.2));
  CHECK(last_of(stepped, "clock ahead") == Approx(0).margin(0.2));

  const auto drifted = play(*cluster, "drift_clock", {{"rate", "1.1"}}, seconds(2));
  CHECK(last_of(drifted, "clock's rate") == Approx(1.1).margin(0.05));

  limits_hold(*cluster);
}

TEST_CASE("a process sees the time that its clock file says, and nothing of the library is left") {
  const auto library = clusters::find_faketime();
  if (!library) SEATRIAL_SKIP(no_library);
  const fs::path folder =
      fs::temp_directory_path() / ("seatrial-clock-test-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  pid_t pid = 0;
  {
    clusters::NodeClocks clocks(*library, folder);
    auto child =
        clusters::Child::spawn({.argv = {"/bin/sh", "-c", "while :; do date +%s; sleep 0.05; done"},
                                .env = clocks.environment(NodeId(1)),
                                .cwd = folder,
                                .output = folder / "seen"});
    REQUIRE(child);
    pid = (*child)->pid();
    clocks.started(NodeId(1), pid);
    clocks.set(NodeId(1), std::chrono::hours(1), 1);
    const auto ahead_s = [&] {
      std::string line = clusters::last_lines(file_text(folder / "seen").value_or(""), 1);
      return parse_integer(line, 0, 1LL << 40).value_or(0) - ::time(nullptr);
    };
    const Instant deadline = now() + seconds(10);
    while (std::abs(ahead_s() - 3600) > 2 && now() < deadline)
      std::this_thread::sleep_for(milliseconds(10));
    CHECK(std::abs(ahead_s() - 3600) <= 2);
    (*child)->kill_group();
    CHECK((*child)->wait(seconds(5)));
  }
  CHECK_FALSE(fs::exists("/dev/shm/faketime_shm_" + std::to_string(pid)));
  CHECK_FALSE(fs::exists("/dev/shm/sem.faketime_sem_" + std::to_string(pid)));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace seatrial
