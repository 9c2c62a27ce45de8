// Files are replaced in one step, or not at all and with the reason.
#include "core/save_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "core/file_text.hpp"
#include "support/catch.hpp"

using namespace seatrial;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "seatrial-save-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("a saved file holds the new text, and no part is left beside it") {
  const Folder folder;
  CHECK_FALSE(save_file(folder.path / "a", "one"));
  CHECK_FALSE(save_file(folder.path / "a", std::string(300'000, 'x')));
  CHECK(file_text(folder.path / "a") == std::string(300'000, 'x'));
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("what cannot be saved says so in errno's own words") {
  const Folder folder;
  CHECK(save_file(folder.path / "none/a", "x")
            .value_or("")
            .ends_with("none/a: No such file or directory"));
  CHECK(save_file("/dev/full", "x") == "cannot write /dev/full: No space left on device");
  fs::create_directory(folder.path / "a");
  CHECK(save_file(folder.path / "a", "x").value_or("").ends_with("a: Is a directory"));
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a device is written to and not replaced by a file") {
  CHECK_FALSE(save_file("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));
}
