// Small file helpers of this folder: whole-file writes, the last lines of a log, and
// where the project's own files and caches lie. Nothing here throws save write_file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace seatrial::clusters {

// Replaces the file in one step (temporary file and rename). Throws InfrastructureError.
void write_file(const std::filesystem::path& path, std::string_view text);

// The last `count` non-empty lines, joined by newlines, without one at the end.
std::string last_lines(std::string_view text, std::size_t count);

// The project's root: $SEATRIAL_HOME, else where this was compiled from.
std::filesystem::path project_home();

// An exclusive lock on a file (created if needed), held while the object lives.
class FileLock {
 public:
  enum class Mode { wait, try_once };
  FileLock(const std::filesystem::path& path, Mode mode);
  // Locks what `fd` refers to (a folder, too) and owns it.
  FileLock(int fd, Mode mode);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  int fd_ = -1;
  bool held_ = false;
};

// A line on stderr about something that takes time or changes the machine.
void notice(std::string_view text);

}  // namespace seatrial::clusters
