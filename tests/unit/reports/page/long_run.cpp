// The page of a run that is too long to show every second.
#include <unistd.h>

#include <filesystem>

#include "reports/page/page.hpp"
#include "support/catch.hpp"
#include "support/synthetic_run.hpp"

namespace seatrial::reports {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("seatrial-page-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
};

std::string page_of(std::int64_t seconds) {
  const Folder folder;
  seatrial::test::SyntheticRun run(folder.path, {.seconds = seconds, .messages = 20});
  run.feed();
  return render_page(run.journal().record());
}

TEST_CASE("the page of three hours is no larger than two megabytes, and tells of intervals") {
  const std::string page = page_of(3 * 3600);
  CHECK(page.size() < 2'000'000);
  CHECK(page.find("seconds 0 to ") != page.npos);
  CHECK(page.find("those of each second in journal.jsonl") != page.npos);
}

TEST_CASE("the page of a short run tells of every second") {
  const std::string page = page_of(100);
  CHECK(page.find("second 42") != page.npos);
  CHECK(page.find("seconds 0 to ") == page.npos);
  CHECK(page.find("journal.jsonl.</p>") == page.npos);
}

}  // namespace
}  // namespace seatrial::reports
