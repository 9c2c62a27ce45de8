// Implements clusters/files.hpp.
#include "clusters/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.hpp"

namespace seatrial::clusters {

void write_file(const std::filesystem::path& path, std::string_view text, Readers readers) {
  auto partial = path;
  partial += ".partial-" + std::to_string(getpid());
  unlink(partial.c_str());  // of an earlier process with this number
  const mode_t mode = readers == Readers::owner ? 0600 : 0644;
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  bool written = fd >= 0;
  while (written && !text.empty()) {
    const auto got = write(fd, text.data(), text.size());
    if (got < 0 && errno == EINTR) continue;
    written = got > 0;
    if (written) text.remove_prefix(static_cast<std::size_t>(got));
  }
  const int why = errno;
  if (fd >= 0) close(fd);
  if (written && rename(partial.c_str(), path.c_str()) == 0) return;
  const std::string message = std::strerror(written ? errno : why);
  unlink(partial.c_str());
  throw InfrastructureError("cannot write " + path.string() + ": " + message);
}

std::string last_lines(std::string_view text, std::size_t count) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < count) {
    const auto newline = text.rfind('\n');
    const auto line = newline == std::string_view::npos ? text : text.substr(newline + 1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    text = newline == std::string_view::npos ? std::string_view{} : text.substr(0, newline);
  }
  std::string joined;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    joined += (joined.empty() ? "" : "\n") + std::string(*line);
  }
  return joined;
}

std::filesystem::path project_home() {
  if (const char* home = std::getenv("SEATRIAL_HOME"); home != nullptr && *home != '\0') {
    return home;
  }
  // This file is <root>/harness/clusters/files.cpp.
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
}

std::filesystem::path cache_home() {
  if (const char* cache = std::getenv("SEATRIAL_CACHE"); cache != nullptr && *cache != '\0') {
    return cache;
  }
  return project_home() / ".cache";
}

FileLock::FileLock(const std::filesystem::path& path)
    : FileLock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}

FileLock::FileLock(int fd) : fd_(fd) { try_once(); }

FileLock FileLock::wait(const std::filesystem::path& path, nanoseconds budget,
                        const std::stop_token& stop) {
  const Instant begun = now();
  FileLock lock(path);
  bool reported = false;
  while (lock.fd_ >= 0 && !lock.held_ && now() - begun < budget && !stop.stop_requested()) {
    if (now() - begun > seconds(1) && !std::exchange(reported, true)) {
      notice("waiting for another process that holds " + path.string());
    }
    std::this_thread::sleep_for(milliseconds(20));
    lock.try_once();
  }
  return lock;
}

void FileLock::try_once() {
  if (fd_ >= 0) held_ = flock(fd_, LOCK_EX | LOCK_NB) == 0;
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), held_(std::exchange(other.held_, false)) {}

void notice(std::string_view text) {
  std::fprintf(stderr, "seatrial: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace seatrial::clusters
