// By plain system calls: streams do not hand on why reading failed.
#include "core/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace seatrial {

Result<std::string> read_file(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{std::strerror(errno), ""};
  std::string text;
  std::array<char, 8192> block{};
  ssize_t n = 0;
  while ((n = ::read(file, block.data(), block.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  const int why = errno;
  ::close(file);
  if (n < 0) return Error{std::strerror(why), ""};
  return text;
}

}  // namespace seatrial
