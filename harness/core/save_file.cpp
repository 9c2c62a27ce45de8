// By plain system calls: streams do not hand on why a write failed.
#include "core/save_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace seatrial {
namespace {

// Whether all of it is in the file; errno says why not.
bool write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(file, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

std::optional<std::string> save_file(const std::filesystem::path& path, const std::string& text) {
  // A device or a pipe takes the text itself: a file renamed onto it would replace it.
  std::error_code ignored;
  const auto kind = std::filesystem::status(path, ignored).type();
  const bool in_place =
      kind != std::filesystem::file_type::regular && kind != std::filesystem::file_type::not_found;
  const std::string part = path.string() + (in_place ? "" : ".part");
  const int file =
      ::open(part.c_str(), (in_place ? 0 : O_CREAT | O_TRUNC) | O_WRONLY | O_CLOEXEC, 0644);
  bool good = file >= 0;
  int why = errno;
  if (file >= 0) {
    good = write_all(file, text);
    why = errno;
    if (::close(file) != 0 && good) {  // some file systems find out only here
      good = false;
      why = errno;
    }
  }
  if (good && !in_place && std::rename(part.c_str(), path.c_str()) != 0) {
    good = false;
    why = errno;
  }
  if (good) return std::nullopt;
  if (file >= 0 && !in_place) ::unlink(part.c_str());
  return "cannot write " + path.string() + ": " + std::strerror(why);
}

}  // namespace seatrial
