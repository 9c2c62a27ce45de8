// Files for their owner alone, and locks that are waited for.
#include "clusters/files.hpp"

#include <unistd.h>

#include <filesystem>
#include <optional>
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

TEST_CASE("a file for its owner is never another's, not even where one lay before") {
  const ScratchFolder place;
  const auto file = place.folder / "node.properties";
  write_file(file, "old");
  write_file(file, "secret", Readers::owner);
  CHECK(file_text(file) == "secret");
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_THROWS_AS(write_file(place.folder / "absent" / "x", ""), InfrastructureError);
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
