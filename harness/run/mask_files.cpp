// Whole files at once: logs of a trial are small beside its data.
#include "run/mask_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/file_text.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t too_short = 4;  // as of scenario::redact

bool overwrite(int fd, std::size_t at, std::size_t length) {
  const std::string stars(length, '*');
  return pwrite(fd, stars.data(), length, static_cast<off_t>(at)) == static_cast<ssize_t>(length);
}

// What went wrong, or nothing.
std::string mask(const fs::path& file, const std::vector<std::string>& secrets) {
  const auto text = file_text(file);
  if (!text) return "cannot read " + file.string();
  int fd = -1;
  const ScopeGuard closing([&fd]() noexcept {
    if (fd >= 0) close(fd);
  });
  for (const auto& secret : secrets) {
    if (secret.size() < too_short) continue;
    for (auto at = text->find(secret); at != std::string::npos;
         at = text->find(secret, at + secret.size())) {
      if (fd < 0) fd = open(file.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
      if (fd < 0 || !overwrite(fd, at, secret.size())) {
        return "a secret stays in " + file.string() + ": " + std::strerror(errno);
      }
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> mask_files(const fs::path& folder,
                                    const std::vector<std::string>& secrets) {
  std::vector<std::string> troubles;
  if (secrets.empty()) return troubles;
  std::error_code absent;
  for (const auto& entry : fs::recursive_directory_iterator(folder, absent)) {
    std::error_code gone;
    if (!entry.is_regular_file(gone) || entry.is_symlink(gone)) continue;
    if (auto trouble = mask(entry.path(), secrets); !trouble.empty()) {
      troubles.push_back(std::move(trouble));
    }
  }
  return troubles;
}

}  // namespace seatrial::run
