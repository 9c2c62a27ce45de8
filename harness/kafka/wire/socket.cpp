// Nagle's algorithm would hold a small request until the answer before it has come.
#include "kafka/wire/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace seatrial::kafka::wire {

int open_socket(const addrinfo& target) {
  const int made = ::socket(target.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (made >= 0) setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

}  // namespace seatrial::kafka::wire
