// Secrets in files that others write.
#include "run/mask_files.hpp"

#include <unistd.h>

#include <fstream>

#include "core/file_text.hpp"
#include "core/scope_guard.hpp"
#include "support/catch.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

TEST_CASE("secrets in logs are overwritten in place, and whoever writes goes on writing") {
  const auto folder = fs::temp_directory_path() / ("seatrial-mask-" + std::to_string(getpid()));
  fs::create_directories(folder / "trial-0");
  const ScopeGuard clean([&]() noexcept {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  });
  const auto log = folder / "trial-0" / "broker-1.log";
  std::ofstream writer(log, std::ios::app);
  writer << "a=hunter2hunter2 b=hunter2hunter2x c=abc\n" << std::flush;
  CHECK(mask_files(folder, {"hunter2hunter2", "abc"}).empty());
  writer << "more\n" << std::flush;
  CHECK(file_text(log) == "a=************** b=**************x c=abc\nmore\n");
  CHECK(mask_files(folder / "absent", {"hunter2hunter2"}).empty());
}

}  // namespace
}  // namespace seatrial::run
