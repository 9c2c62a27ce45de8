// Real brokers as JVM processes.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "integration/cluster_behaviour.hpp"
#include "kafka/admin.hpp"

namespace {

// JVMs and data folders that carry the run's label, found without the code under test.
int things_of(const std::string& run) {
  namespace fs = std::filesystem;
  int count = 0;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "cmdline", std::ios::binary);
    const std::string line{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (line.find("-Dseatrial.run=" + run) != std::string::npos) ++count;
  }
  for (const auto& entry : fs::directory_iterator("/dev/shm", gone)) {
    if (entry.path().filename().string().find(run) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("local: faults reach the processes, and down leaves none") {
  seatrial::behaviour::faults_reach_processes("local");
}

TEST_CASE("local: a broker that cannot start fails with its last log lines") {
  seatrial::behaviour::bad_setting_fails_with_log_lines("local");
}

TEST_CASE("local: sweep removes what a killed harness left, and only that") {
  seatrial::behaviour::sweep_takes_only_dead_runs("local", things_of);
}

// The brokers go on naming it as a controller to ask for as long as they think it alive.
void settings_are_told_although_a_node_died(seatrial::Cluster& cluster) {
  using seatrial::kafka::Admin;
  const auto soon = [] { return seatrial::now() + seatrial::seconds(90); };
  REQUIRE(Admin(cluster.bootstrap()).create_topics({{"orders", 1, 3, {}}}, soon()));
  cluster.processes()->signal(cluster.nodes().front().id, seatrial::Signal::kill);
  for (int i = 0; i < 12; ++i) {  // each may ask the dead one
    const auto told = Admin(cluster.bootstrap()).describe_topic_config("orders", soon());
    INFO((told ? std::string() : told.error().message));
    REQUIRE(told);
    CHECK(told->at("min.insync.replicas") == "1");
  }
}

TEST_CASE("local: combined nodes come up, and tell a topic's settings when one has died") {
  auto with = seatrial::behaviour::setting("local");
  with.spec.combined = true;
  with.spec.fast_timeouts = false;
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  CHECK(cluster->nodes().size() == 3);
  settings_are_told_although_a_node_died(*cluster);
  CHECK(cluster->down().empty());
  CHECK(things_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}

TEST_CASE("local: a stop request ends the start") {
  const auto with = seatrial::behaviour::setting("local");
  const auto cluster = seatrial::behaviour::make(with);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(cluster->up(stop.get_token()), seatrial::Interrupted);
  CHECK(cluster->down().empty());
  CHECK(things_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}
