// By mincore, which tells for each page of a mapping whether it is in memory, and posix_fadvise,
// which drops pages that are clean.
#include "disks/page_cache.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "core/check.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::disks {
namespace {

namespace fs = std::filesystem;

std::uint64_t cached_bytes(int fd, std::size_t size) {
  void* const mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return 0;
  const ScopeGuard unmapping([&]() noexcept { munmap(mapped, size); });
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((size + page - 1) / page);
  if (mincore(mapped, size, resident.data()) != 0) return 0;
  const auto pages = std::ranges::count_if(resident, [](unsigned char one) { return one & 1U; });
  return static_cast<std::uint64_t>(pages) * page;
}

std::uint64_t drop_pages_of(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return 0;
  const ScopeGuard closing([fd]() noexcept { close(fd); });
  struct stat about {};
  if (fstat(fd, &about) != 0 || about.st_size <= 0) return 0;
  const auto size = static_cast<std::size_t>(about.st_size);
  const std::uint64_t before = cached_bytes(fd, size);
  if (before == 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0) return 0;
  return before - std::min(before, cached_bytes(fd, size));
}

// One folder after the other, as files and folders go while a broker runs.
std::uint64_t drop_pages_in(const fs::path& folder, std::error_code& trouble) {
  std::uint64_t dropped = 0;
  fs::directory_iterator at(folder, trouble);
  while (!trouble && at != fs::directory_iterator()) {
    std::error_code gone;
    if (at->is_directory(gone) && !at->is_symlink(gone)) dropped += drop_pages_in(at->path(), gone);
    else if (at->is_regular_file(gone)) dropped += drop_pages_of(at->path());
    at.increment(trouble);
  }
  return dropped;
}

}  // namespace

std::uint64_t drop_cached_pages(const fs::path& folder) {
  std::error_code trouble;
  const std::uint64_t dropped = drop_pages_in(folder, trouble);
  if (trouble)
    throw InfrastructureError("cannot read " + folder.string() + ": " + trouble.message());
  return dropped;
}

}  // namespace seatrial::disks
