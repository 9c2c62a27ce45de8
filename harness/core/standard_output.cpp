// Implements core/standard_output.hpp over write(2), whose errors iostreams do not hand on.
#include "core/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <thread>

namespace seatrial {
namespace {

constexpr std::size_t most_unflushed = 1 << 16;

// Descriptors 0 to 2 are taken, by nothing if need be, so that no file of ours becomes one of them.
void fill_closed_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
      if (::open("/dev/null", O_RDWR) < 0) return;
    }
  }
}

bool says_disk_full(int error) { return error == ENOSPC || error == EDQUOT; }

}  // namespace

StandardOutput::StandardOutput(int descriptor) : descriptor_(descriptor) {
  const int flags = ::fcntl(descriptor_, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) error_ = EBADF;
  given_up_ = error_ != 0;
  fill_closed_descriptors();
  struct stat about {};
  if (::fstat(descriptor_, &about) == 0) full_disk_may_pass_ = S_ISREG(about.st_mode);
  by_line_ = ::isatty(descriptor_) == 1;
  std::signal(SIGPIPE, SIG_IGN);
  before_ = std::cout.rdbuf(this);
}

StandardOutput::~StandardOutput() { std::cout.rdbuf(before_); }

std::optional<std::string> StandardOutput::unusable() const {
  if (given_up_ && error_ == EBADF) return std::strerror(error_);
  return std::nullopt;
}

void StandardOutput::write_pending() {
  std::size_t done = 0;
  while (done < pending_.size() && !given_up_) {
    const ssize_t n = ::write(descriptor_, pending_.data() + done, pending_.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {  // somebody made it non-blocking: wait as a blocking one would
      pollfd room{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      ::poll(&room, 1, 1000);
    } else if (errno != EINTR) {
      error_ = errno;
      given_up_ = !says_disk_full(error_);
      break;
    }
  }
  if (given_up_) pending_.clear();
  else pending_.erase(0, done);
}

StandardOutput::int_type StandardOutput::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char one = traits_type::to_char_type(c);
  xsputn(&one, 1);
  return c;
}

// Always takes all: a stream that has failed would drop what comes after.
std::streamsize StandardOutput::xsputn(const char* text, std::streamsize count) {
  const std::lock_guard lock(mutex_);
  if (given_up_) return count;
  const std::string_view more(text, static_cast<std::size_t>(count));
  pending_ += more;
  const bool line_ended = by_line_ && more.find('\n') != std::string_view::npos;
  // Once a disk was full, only a flush tries again.
  if (line_ended || (error_ == 0 && pending_.size() >= most_unflushed)) write_pending();
  return count;
}

int StandardOutput::sync() {
  const std::lock_guard lock(mutex_);
  write_pending();
  return 0;
}

std::optional<std::string> StandardOutput::finish(nanoseconds budget) {
  const std::lock_guard lock(mutex_);
  const Instant until = now() + budget;
  write_pending();
  while (!pending_.empty() && full_disk_may_pass_ && now() < until) {
    std::this_thread::sleep_for(milliseconds(100));
    write_pending();
  }
  if (pending_.empty() && !given_up_) return std::nullopt;
  return std::strerror(error_);
}

}  // namespace seatrial
