// Implements proxy/sockets.hpp.
#include "proxy/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/check.hpp"

namespace seatrial::proxy {
namespace {

sockaddr_in loopback_address(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Socket new_socket() {
  return Socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

std::uint16_t local_port(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return ntohs(address.sin_port);
}

}  // namespace

void Socket::close() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Socket::abort() noexcept {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (fd_ >= 0) setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

Socket OwnPorts::connect(int port) {
  Socket made = new_socket();
  if (!made) return {};
  send_at_once(made.fd());
  const auto address = loopback_address(port);
  const std::lock_guard lock(mutex_);
  const int failed =
      ::connect(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (failed != 0 && errno != EINPROGRESS) return {};
  ports_.insert(local_port(made.fd()));
  return made;
}

void OwnPorts::close(Socket& socket, bool aborted) {
  if (!socket) return;
  const std::lock_guard lock(mutex_);
  const auto at = ports_.find(local_port(socket.fd()));
  if (at != ports_.end()) ports_.erase(at);
  if (aborted) socket.abort();
  else socket.close();
}

Socket listen_on(int port) {
  Socket made = new_socket();
  const int on = 1;
  const auto address = loopback_address(port);
  const auto failed = [&](const char* what) {
    return InfrastructureError("the proxy cannot " + std::string(what) +
                               " 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(errno));
  };
  if (!made) throw failed("open a socket for");
  setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw failed("bind to");
  if (listen(made.fd(), SOMAXCONN) != 0) throw failed("listen on");
  return made;
}

Socket accept_from(const Socket& listener) {
  Socket made(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (made) send_at_once(made.fd());
  return made;
}

}  // namespace seatrial::proxy
