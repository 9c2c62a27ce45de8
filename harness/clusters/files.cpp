// Implements clusters/files.hpp.
#include "clusters/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "core/check.hpp"

namespace seatrial::clusters {

void write_file(const std::filesystem::path& path, std::string_view text) {
  auto partial = path;
  partial += ".partial-" + std::to_string(getpid());
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code failure;
  if (out) std::filesystem::rename(partial, path, failure);
  if (!out || failure) {
    throw InfrastructureError("cannot write " + path.string() + ": " +
                              (failure ? failure.message() : std::strerror(errno)));
  }
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

FileLock::FileLock(const std::filesystem::path& path, Mode mode)
    : FileLock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), mode) {}

FileLock::FileLock(int fd, Mode mode) : fd_(fd) {
  if (fd_ < 0) return;
  const int how = LOCK_EX | (mode == Mode::try_once ? LOCK_NB : 0);
  int got = 0;
  do {
    got = flock(fd_, how);
  } while (got != 0 && errno == EINTR);
  held_ = got == 0;
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
