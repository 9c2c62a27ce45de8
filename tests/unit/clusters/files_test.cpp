// Files for their owner alone, where caches lie, and locks that are waited for.
#include "clusters/files.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
#include "support/catch.hpp"

namespace seatrial::clusters {
namespace {

namespace fs = std::filesystem;

struct ScratchFolder {
  ScratchFolder()
      : folder(fs::temp_directory_path() / ("seatrial-files-" + std::to_string(getpid()))) {
    fs::create_directories(folder);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  fs::path folder;
};

std::optional<std::string> variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

void set_variable(const std::string& name, const std::optional<std::string>& value) {
  if (value) setenv(name.c_str(), value->c_str(), 1);
  else unsetenv(name.c_str());
}

TEST_CASE("a file for its owner is never another's, not even where one lay before") {
  const ScratchFolder place;
  const auto file = place.folder / "node.properties";
  write_file(file, "old");
  write_file(file, "secret", Readers::owner);
  CHECK(file_text(file) == "secret");
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_THROWS_AS(write_file(place.folder / "absent" / "x", ""), InfrastructureError);
}

TEST_CASE("caches lie in the tree, or where the launcher of an installed program says") {
  // Whatever this process was told, and what it is told at the end again.
  const auto kept = std::map<std::string, std::optional<std::string>>{
      {"SEATRIAL_HOME", variable("SEATRIAL_HOME")}, {"SEATRIAL_CACHE", variable("SEATRIAL_CACHE")}};
  const ScopeGuard restore([&kept]() noexcept {
    for (const auto& [name, value] : kept) set_variable(name, value);
  });
  set_variable("SEATRIAL_HOME", "/usr/share/seatrial");
  set_variable("SEATRIAL_CACHE", std::nullopt);
  CHECK(cache_home() == "/usr/share/seatrial/.cache");
  set_variable("SEATRIAL_CACHE", "");
  CHECK(cache_home() == "/usr/share/seatrial/.cache");
  set_variable("SEATRIAL_CACHE", "/home/me/.cache/seatrial");
  CHECK(cache_home() == "/home/me/.cache/seatrial");
  CHECK(project_home() == "/usr/share/seatrial");
}

TEST_CASE("what is written follows no symbolic link") {
  const ScratchFolder place;
  write_file(place.folder / "precious", "precious");
  fs::create_symlink(place.folder / "precious",
                     place.folder / ("x.partial-" + std::to_string(getpid())));
  fs::create_symlink(place.folder / "precious", place.folder / "x");
  write_file(place.folder / "x", "new");
  CHECK(file_text(place.folder / "precious") == "precious");
  CHECK(file_text(place.folder / "x") == "new");
}

TEST_CASE("a lock that another holds is waited for, but no longer than asked, nor after a stop") {
  const ScratchFolder place;
  const auto path = place.folder / "lock";
  std::optional<FileLock> held(std::in_place, path);
  REQUIRE(held->held());
  CHECK_FALSE(FileLock(path).held());
  CHECK_FALSE(FileLock::wait(path, milliseconds(50), {}).held());
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(FileLock::wait(path, std::chrono::hours(1), stop.get_token()).held());
  std::jthread releasing([&] {
    std::this_thread::sleep_for(milliseconds(50));
    held.reset();
  });
  CHECK(FileLock::wait(path, std::chrono::minutes(5), {}).held());
}

}  // namespace
}  // namespace seatrial::clusters
