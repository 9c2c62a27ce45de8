// Run locks and data folders, with a second process where one is needed.
#include "clusters/leftovers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "clusters/labelled_folder.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
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
    if (::write(ready[1], "x", 1) != 1) _exit(1);
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

namespace {

// A list of entries beside a folder of data that a dead run left, and what may be wrong with them.
struct Left {
  explicit Left(const char* what) : root(fs::temp_directory_path() / name_of(what)) {
    fs::create_directories(entries());
    fs::permissions(entries(), fs::perms::owner_all);
    fs::create_directories(root / "data");
  }
  ~Left() {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  Left(const Left&) = delete;
  Left& operator=(const Left&) = delete;
  [[nodiscard]] fs::path entries() const { return root / "entries"; }
  [[nodiscard]] fs::path folder(const std::string& run = "dead") const {
    return root / "data" / ("seatrial-" + run + "-1");
  }
  void labelled(const std::string& label = "dead") const {
    const auto made = make_labelled_folder(folder(), label);
    REQUIRE(made);
    std::ofstream(folder() / "segment") << "x";
  }
  void enter(const fs::path& path, const std::string& name = "seatrial-dead-1",
             const std::string& run = "dead") const {
    std::ofstream(entries() / (name + ".data")) << run << "\n" << path.string();
  }
  fs::path root;
};

bool refuses(const std::vector<std::string>& lines, const std::string& why) {
  return lines.size() == 1 && lines[0].starts_with("could not") &&
         lines[0].find(why) != std::string::npos;
}

}  // namespace

TEST_CASE("a folder that carries its run's label is removed once, and nothing beside it") {
  const Left left("labelled");
  left.labelled();
  left.enter(left.folder());
  fs::create_directory(left.root / "precious");
  fs::create_directory_symlink(left.root / "precious", left.folder() / "link");
  std::ofstream(left.root / "precious" / "file") << "x";
  CHECK(sweep_data(left.entries()).size() == 1);
  CHECK_FALSE(fs::exists(left.folder()));
  CHECK(fs::exists(left.root / "precious" / "file"));
  CHECK(sweep_data(left.entries()).empty());
}

TEST_CASE("a list of entries that others can write is not believed") {
  const Left left("strangers-list");
  left.labelled();
  left.enter(left.folder());
  fs::permissions(left.entries(), fs::perms::all);
  CHECK(refuses(sweep_data(left.entries()), "can be written by others"));
  fs::permissions(left.entries(), fs::perms::owner_all);
  fs::permissions(left.entries() / "seatrial-dead-1.data", fs::perms::all);
  CHECK(sweep_data(left.entries()).empty());
  CHECK(fs::exists(left.folder() / "segment"));
}

TEST_CASE("a list of entries behind a symbolic link is not believed") {
  const Left left("linked-list");
  left.labelled();
  left.enter(left.folder());
  fs::create_directory_symlink(left.entries(), left.root / "link");
  CHECK(refuses(sweep_data(left.root / "link"), "is no folder"));
  CHECK(fs::exists(left.folder() / "segment"));
}

TEST_CASE("a folder without its run's label is left, whatever an entry says") {
  const Left left("unlabelled");
  fs::create_directories(left.folder());
  std::ofstream(left.folder() / "precious") << "x";
  left.enter(left.folder());
  CHECK(refuses(sweep_data(left.entries()), "does not carry the label"));
  std::ofstream(left.folder() / ".seatrial-run") << "another";
  CHECK(refuses(sweep_data(left.entries()), "does not carry the label"));
  CHECK(fs::exists(left.folder() / "precious"));
}

TEST_CASE("a labelled folder that others can write is left") {
  const Left left("open-folder");
  left.labelled();
  left.enter(left.folder());
  fs::permissions(left.folder(), fs::perms::all);
  CHECK(refuses(sweep_data(left.entries()), "can be written by others"));
  CHECK(fs::exists(left.folder() / "segment"));
}

TEST_CASE("a symbolic link in a data folder's place is left, and what it points to") {
  const Left left("linked-folder");
  const auto elsewhere = left.root / "elsewhere";
  REQUIRE(make_labelled_folder(elsewhere, "dead"));
  fs::create_directory_symlink(elsewhere, left.folder());
  left.enter(left.folder());
  CHECK(refuses(sweep_data(left.entries()), "it is no folder"));
  CHECK(fs::exists(elsewhere));
}

TEST_CASE("an entry whose name is not its folder's, or not its run's, names nothing") {
  const Left left("other-name");
  left.labelled();
  left.enter(left.folder(), "seatrial-dead-2");
  left.enter(left.folder(), "seatrial-dead-1", "alive");
  left.enter("seatrial-dead-3", "seatrial-dead-3");  // relative to wherever `down` is called
  CHECK(sweep_data(left.entries()).empty());
  CHECK(fs::exists(left.folder()));
}

TEST_CASE("what another user owns is left") {
  if (getuid() != 0) return;  // only root can make it
  const Left left("foreign");
  left.labelled();
  left.enter(left.folder());
  REQUIRE(chown(left.folder().c_str(), 12345, 12345) == 0);
  CHECK(refuses(sweep_data(left.entries()), "belongs to user 12345"));
  REQUIRE(chown(left.folder().c_str(), 0, 0) == 0);
  REQUIRE(chown(left.entries().c_str(), 12345, 12345) == 0);
  CHECK(refuses(sweep_data(left.entries()), "belongs to user 12345"));
  CHECK(fs::exists(left.folder() / "segment"));
}

TEST_CASE("a data folder is for its user alone, and so is what names it") {
  const auto root = fs::temp_directory_path() / name_of("private");
  const DataFolder data(root, "private-run");
  CHECK(fs::status(data.path()).permissions() == fs::perms::owner_all);
  const auto entry = lock_folder() / (data.path().filename().string() + ".data");
  CHECK(fs::status(entry).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  fs::remove_all(root);
}

TEST_CASE("a process that merely speaks of a run is not ended") {
  const auto run = name_of("spoken-of");
  const pid_t other = fork();
  REQUIRE(other >= 0);
  if (other == 0) {
    execlp("tail", "tail", "-f", "/dev/null", "--", ("-Dseatrial.run=" + run).c_str(), nullptr);
    _exit(1);
  }
  const ScopeGuard end([other]() noexcept {
    kill(other, SIGKILL);
    waitpid(other, nullptr, 0);
  });
  const auto name = "/proc/" + std::to_string(other) + "/comm";
  for (int i = 0; i < 2000 && file_text(name) != "tail\n"; ++i) usleep(5'000);
  REQUIRE(file_text(name) == "tail\n");
  for (const auto& line : sweep_processes()) CHECK(line.find(run) == std::string::npos);
  CHECK(waitpid(other, nullptr, WNOHANG) == 0);
}

TEST_CASE("who looks after runs is drawn once") {
  const auto owner = owner_of_runs();
  CHECK(owner.starts_with(std::to_string(getuid()) + "-"));
  CHECK(owner_of_runs() == owner);
}

TEST_CASE("labels are found as whole entries only") {
  const auto line = std::string("java\0-Dseatrial.run=r1\0kafka.Kafka", 34);
  CHECK(find_entry(line, run_argument) == "r1");
  CHECK(find_entry(std::string("sh\0-c\0x -Dseatrial.run=r1", 25), run_argument).empty());
  CHECK(find_entry("", run_argument).empty());
}
