// A real broker with two log dirs, on a disk each: it lives on without the second, which heal has
// it take back, and halts without the first, in which the cluster's metadata are.
#include <functional>

#include "clusters/node_disks.hpp"
#include "core/disks.hpp"
#include "core/fault.hpp"
#include "faults/steps.hpp"
#include "kafka/admin.hpp"
#include "kafka/log_dirs.hpp"
#include "support/catch.hpp"
#include "support/make_fault.hpp"
#include "support/real_cluster.hpp"
#include "support/skip.hpp"

namespace seatrial {
namespace {

ClusterSpec two_dirs() {
  ClusterSpec spec;
  spec.brokers = 1;
  spec.combined = true;
  spec.log_dirs = 2;
  spec.gear = {Gear::disks};
  return spec;
}

// Checkpoints are written every five seconds, whether there are messages or not.
bool within_a_minute(const std::function<bool()>& came) {
  return faults::await_that(came, {.budget = seconds(60), .every = milliseconds(100)}, {});
}

std::size_t offline(const Node& broker) {
  const auto dirs = kafka::offline_log_dirs(broker, now() + seconds(10));
  return dirs ? dirs->size() : 99;
}

// In which its second log dir is full, and it lives; what heal then counted and did.
void live_without_the_second(Cluster& cluster, const Node& broker) {
  Evidence evidence;
  const auto full = test::make_fault("disk_full", {{"log_dir", "2"}});
  full->inject(cluster, {broker.id}, evidence);
  CHECK(within_a_minute([&] { return offline(broker) == 1; }));
  CHECK(cluster.processes()->state(broker.id).kind == ProcessState::Kind::running);
  for (const auto& failure : full->heal(cluster, evidence)) FAIL_CHECK(failure);
  REQUIRE(evidence.nodes.size() == 1);
  CHECK(evidence.nodes[0].after.exit_code == 143);  // in order
  CHECK(evidence.counted.back().kind == "log dirs given up");
  CHECK(evidence.counted.back().value == 1);
  CHECK(within_a_minute([&] { return offline(broker) == 0; }));
}

void halt_without_the_first(Cluster& cluster, const Node& broker) {
  Evidence evidence;
  const auto full = test::make_fault("disk_full", {{"log_dir", "1"}});
  full->inject(cluster, {broker.id}, evidence);
  CHECK(within_a_minute(
      [&] { return cluster.processes()->state(broker.id).kind == ProcessState::Kind::exited; }));
  for (const auto& failure : full->heal(cluster, evidence)) FAIL_CHECK(failure);
  REQUIRE(evidence.nodes.size() == 1);
  CHECK(evidence.nodes[0].after.exit_code == 1);
  CHECK(within_a_minute([&] { return offline(broker) == 0; }));
}

TEST_CASE("a broker lives without its second log dir, and halts without its first") {
  if (const auto why = clusters::no_disks()) SEATRIAL_SKIP(*why);
  test::RealCluster cluster("local", two_dirs(), "log-dirs");
  const Node broker = cluster->nodes().front();
  CHECK(cluster->disks()->of(broker.id).size() == 2);
  REQUIRE(kafka::Admin(cluster->bootstrap())
              .create_topics({{"orders", 4, 1, {}}}, now() + seconds(60)));
  CHECK(offline(broker) == 0);
  live_without_the_second(*cluster, broker);
  halt_without_the_first(*cluster, broker);
}

}  // namespace
}  // namespace seatrial
