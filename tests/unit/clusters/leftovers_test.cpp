// Run locks and data folders, with a second process where one is needed.
#include "clusters/leftovers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "core/check.hpp"
#include "support/catch.hpp"

using namespace seatrial;
using namespace seatrial::clusters;
namespace fs = std::filesystem;

namespace {

std::string name_of(const char* what) {
  return std::string("unit-") + what + "-" + std::to_string(getpid());
}

// A process that holds the lock of `run` and a data folder until it is killed.
pid_t holder(const std::string& run, const fs::path& root) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    const RunLock lock("results", run);
    const DataFolder data(root, run);
    if (write(ready[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  close(ready[0]);
  close(ready[1]);
  return pid;
}

std::size_t entries(const fs::path& root) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(root), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a run is alive while one of its lock's holders is") {
  const auto run = name_of("alive");
  CHECK_FALSE(run_is_alive(run));
  auto first = std::make_unique<RunLock>("results", run);
  auto second = std::make_unique<RunLock>("results", run);
  first.reset();
  CHECK(run_is_alive(run));
  second.reset();
  CHECK_FALSE(run_is_alive(run));
}

TEST_CASE("the lock and the data of a killed process are left, and swept only then") {
  const auto run = name_of("killed");
  const auto root = fs::temp_directory_path() / name_of("root");
  fs::create_directories(root);
  const pid_t other = holder(run, root);
  CHECK(run_is_alive(run));
  CHECK_THROWS_AS(RunLock("results", run), InfrastructureError);
  (void)sweep_data();
  CHECK(entries(root) == 1);
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  CHECK(entries(root) == 1);
  CHECK_FALSE(run_is_alive(run));
  CHECK_FALSE(sweep_data().empty());
  CHECK(entries(root) == 0);
  fs::remove_all(root);
}

TEST_CASE("a data folder goes with its owner") {
  const auto root = fs::temp_directory_path() / name_of("data");
  fs::path path;
  {
    const DataFolder data(root, "some-run");
    path = data.path();
    CHECK(fs::is_directory(path));
    CHECK(path.filename().string().starts_with("seatrial-some-run-"));
  }
  CHECK_FALSE(fs::exists(path));
  fs::remove_all(root);
}

TEST_CASE("labels are found as whole entries only") {
  const auto line = std::string("java\0-Dseatrial.run=r1\0kafka.Kafka", 34);
  CHECK(find_entry(line, run_argument) == "r1");
  CHECK(find_entry(std::string("sh\0-c\0x -Dseatrial.run=r1", 25), run_argument).empty());
  CHECK(find_entry("", run_argument).empty());
}
