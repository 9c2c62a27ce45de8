// Real brokers as JVM processes.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "integration/cluster_behaviour.hpp"

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

TEST_CASE("local: combined nodes come up") {
  auto with = seatrial::behaviour::setting("local");
  with.spec.combined = true;
  with.spec.fast_timeouts = false;
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  CHECK(cluster->nodes().size() == 3);
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
