// The sockets of this folder: IPv4 loopback, non-blocking, without Nagle's delay.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <utility>

namespace seatrial::proxy {

// Owns a descriptor; -1: none.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() { close(); }
  [[nodiscard]] int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close() noexcept;
  // So that the other end sees a reset rather than an orderly end.
  void abort() noexcept;

 private:
  int fd_ = -1;
};

// The local ports of this process's own connections to nodes, by which they are told from those of
// others. Thread-safe.
class OwnPorts {
 public:
  // A connection that is being made, or nothing if it is refused.
  Socket connect(int port);
  void close(Socket& socket, bool aborted);
  // Calls `look` with the ports while no connection is made or closed.
  template <class Look>
  auto with(Look look) const {
    const std::lock_guard lock(mutex_);
    return look(ports_);
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::uint16_t> ports_;
};

// Listens on that port; throws InfrastructureError ("Address already in use").
Socket listen_on(int port);
// A connection that waits, or nothing.
Socket accept_from(const Socket& listener);

}  // namespace seatrial::proxy
