// By plain system calls: streams do not hand on why reading failed.
#include "core/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/units.hpp"

namespace seatrial {

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t most) {
  // Opening a pipe would wait until somebody opens its other end.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Error{std::strerror(errno), ""};
  ::fcntl(file, F_SETFL, ::fcntl(file, F_GETFL) & ~O_NONBLOCK);
  std::string text;
  std::array<char, 8192> block{};
  ssize_t n = 0;
  while ((n = ::read(file, block.data(), block.size())) != 0) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    text.append(block.data(), static_cast<std::size_t>(n));
    if (text.size() > most) {
      ::close(file);
      return Error{"it is larger than " + format_bytes(most), ""};
    }
  }
  const int why = errno;
  ::close(file);
  if (n < 0) return Error{std::strerror(why), ""};
  return text;
}

}  // namespace seatrial
