// Implements clusters/net.hpp.
#include "clusters/net.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <random>

#include "clusters/files.hpp"
#include "core/check.hpp"
#include "core/file_text.hpp"
#include "core/scope_guard.hpp"

namespace seatrial::clusters {
namespace {

struct PortRange {
  int first = 20000, last = 32000;
};

// Up to 12,000 ports below the kernel's range for outgoing connections (32768 by default).
PortRange port_range() {
  const auto text = file_text("/proc/sys/net/ipv4/ip_local_port_range").value_or("");
  int low = 0;
  std::from_chars(text.data(), text.data() + text.size(), low);
  constexpr int lowest = 2000, width = 12000;
  if (low < lowest + width) return {};
  return {.first = low - width, .last = low - 1};
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The socket, or -1 if the port is taken.
int try_bind(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const auto address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

bool ready(int fd, short events, Instant until) {
  const auto left = std::chrono::ceil<milliseconds>(until - now()).count();
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) == 1;
}

}  // namespace

ReservedPorts::ReservedPorts(std::size_t count) {
  const auto range = port_range();
  std::random_device random;
  std::uniform_int_distribution<int> any(range.first, range.last);
  for (int attempt = 0; attempt < 2000 && ports_.size() < count; ++attempt) {
    const int port = any(random);
    const int fd = try_bind(port);
    if (fd < 0) continue;
    ports_.push_back(port);
    sockets_.push_back(fd);
  }
  if (ports_.size() == count) return;
  release();
  throw InfrastructureError("no free loopback ports between " + std::to_string(range.first) +
                            " and " + std::to_string(range.last));
}

ReservedPorts::~ReservedPorts() { release(); }

void ReservedPorts::release() {
  for (const int fd : sockets_) close(fd);
  sockets_.clear();
}

bool kafka_answers(int port, milliseconds limit) {
  const auto until = now() + limit;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const ScopeGuard closing([fd]() noexcept { close(fd); });
  const auto address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return false;
  }
  // Length 10; api key 18 (ApiVersions), version 0; correlation id; no client id.
  constexpr std::array<unsigned char, 14> request{0, 0,   0,   10,  0,   18,   0,
                                                  0, 's', 'e', 'a', 't', 0xff, 0xff};
  if (!ready(fd, POLLOUT, until)) return false;
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return false;
  }
  std::array<unsigned char, 8> head{};  // length and correlation id of the answer
  for (std::size_t have = 0; have < head.size();) {
    if (!ready(fd, POLLIN, until)) return false;
    const auto got = recv(fd, head.data() + have, head.size() - have, 0);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return std::equal(head.begin() + 4, head.end(), request.begin() + 8);
}

}  // namespace seatrial::clusters
