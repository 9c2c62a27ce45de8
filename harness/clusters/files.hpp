// Small file helpers of this folder: whole-file writes, the last lines of a log, and
// where the project's own files and its caches lie. Nothing here throws save write_file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace seatrial::clusters {

// Replaces the file in one step (temporary file and rename). Throws InfrastructureError.
enum class Readers { anyone, owner };
void write_file(const std::filesystem::path& path, std::string_view text,
                Readers readers = Readers::anyone);

// The last `count` non-empty lines, joined by newlines, without one at the end.
std::string last_lines(std::string_view text, std::size_t count);

// What comes along and is only read (scenarios, compose files, the launcher) lies below this:
// $SEATRIAL_HOME, else the tree that this was compiled from.
std::filesystem::path project_home();

// What is fetched or made once and kept lies below this, which need not exist yet: $SEATRIAL_CACHE,
// which the launcher of an installed Seatrial sets, else `.cache` of the tree.
std::filesystem::path cache_home();

// An exclusive lock on a file (created if needed), held while the object lives.
class FileLock {
 public:
  // Tries once.
  explicit FileLock(const std::filesystem::path& path);
  // Locks what `fd` refers to (a folder, too) and owns it; tries once.
  explicit FileLock(int fd);
  // Waits for whoever holds it, with a line on stderr; not held if that took longer, or on `stop`.
  static FileLock wait(const std::filesystem::path& path, nanoseconds budget,
                       const std::stop_token& stop);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  void try_once();
  int fd_ = -1;
  bool held_ = false;
};

// A line on stderr about something that takes time or changes the machine.
void notice(std::string_view text);

}  // namespace seatrial::clusters
