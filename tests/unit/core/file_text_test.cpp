// Reading whole files, also those that turn out unreadable.
#include "core/file_text.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"

using namespace seatrial;

TEST_CASE("a file's text is all of it, however long") {
  auto name = (std::filesystem::temp_directory_path() / "seatrial-text-XXXXXX").string();
  close(mkstemp(name.data()));
  CHECK(file_text(name) == "");
  const std::string text(20'000, 'x');
  std::ofstream(name) << text << "\nend";
  CHECK(file_text(name) == text + "\nend");
  std::filesystem::remove(name);
  CHECK_FALSE(file_text(name));
}

TEST_CASE("what opens but cannot be read is nothing, and no exception") {
  CHECK_FALSE(file_text(std::filesystem::temp_directory_path()));  // a folder
  CHECK(file_text("/proc/self/stat").value_or("").size() > 50);
}
