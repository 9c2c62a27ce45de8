// A process's own TCP connections, over the loopback: found, shut, and counted when made anew.
#include "workers/disconnecting.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "support/catch.hpp"

namespace seatrial::workers {
namespace {

// A listener in this process, and connections to it, of which both ends are ours.
class Listener {
 public:
  Listener() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    REQUIRE(bind(socket_, as_any(), size) == 0);
    REQUIRE(listen(socket_, 8) == 0);
    REQUIRE(getsockname(socket_, as_any(), &size) == 0);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    for (const int end : ends_) close(end);
    close(socket_);
  }
  // Our end of it.
  int connect_once() {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(connect(client, as_any(), sizeof address_) == 0);
    ends_.push_back(client);
    ends_.push_back(accept(socket_, nullptr, nullptr));
    return client;
  }

 private:
  sockaddr* as_any() { return reinterpret_cast<sockaddr*>(&address_); }
  int socket_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{};
  std::vector<int> ends_;
};

bool is_at_its_end(int descriptor) {
  std::array<char, 1> byte{};
  return recv(descriptor, byte.data(), byte.size(), 0) == 0;
}

TEST_CASE("all connections of the process end at once, and listeners stay") {
  const auto before = own_connections();
  Listener listener;
  CHECK(own_connections() == before);  // listening is no connection
  const int first = listener.connect_once();
  const int second = listener.connect_once();
  CHECK(own_connections().size() == before.size() + 4);
  CHECK(shut_own_connections().size() == before.size() + 2);  // the other ends are ending by then
  CHECK(is_at_its_end(first));
  CHECK(is_at_its_end(second));
  CHECK(own_connections().empty());
  listener.connect_once();
  CHECK(own_connections().size() == 2);
}

TEST_CASE("a disconnect is obeyed once, and new connections are counted after it") {
  Listener listener;
  listener.connect_once();
  ClientConduct conduct;
  conduct.disconnects = 4;  // of processes before this one
  Disconnecting disconnecting(conduct);
  disconnecting.step();
  CHECK(conduct.shut == 0);
  conduct.disconnects = 5;
  disconnecting.step();
  CHECK(conduct.disconnected == 5);
  CHECK(conduct.shut == 1);
  CHECK(conduct.reconnected == 0);
  listener.connect_once();
  disconnecting.step();
  CHECK(conduct.shut == 1);
  CHECK(conduct.reconnected == 2);
}

}  // namespace
}  // namespace seatrial::workers
