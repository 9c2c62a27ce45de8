// A proxy before a small server of frames, in one process, and the client's side of connections to
// it. The server answers each request with its correlation id and as many bytes as it had, in
// order.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "clusters/net.hpp"
#include "kafka/wire/bytes.hpp"
#include "proxy/framing.hpp"
#include "proxy/proxy.hpp"
#include "support/catch.hpp"

namespace seatrial::proxy::test {

inline sockaddr_in loopback_at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A request of `api`, all in all `size` bytes longer than its header.
inline Bytes request(std::int16_t api, std::int32_t correlation, std::size_t size,
                     std::string_view client = "tester") {
  kafka::wire::Writer body;
  body.int16(api).int16(0).int32(correlation).string(client);
  const Bytes rest(size, std::byte{'x'});
  body.append(rest);
  kafka::wire::Writer frame;
  frame.int32(static_cast<std::int32_t>(body.bytes().size())).append(body.bytes());
  return frame.take();
}

// Blocking, with a limit on every wait.
class Peer {
 public:
  explicit Peer(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = loopback_at(port);
    REQUIRE(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  explicit Peer(std::optional<int> accepted) : fd_(accepted.value_or(-1)) {}
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] bool write(BytesView bytes) const {
    while (!bytes.empty()) {
      const auto sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // How many bytes the kernel takes without waiting.
  [[nodiscard]] std::size_t fill(std::size_t most) const {
    const Bytes piece(64 * 1024);
    std::size_t all = 0;
    for (int idle = 0; all < most && idle < 20;) {
      const auto sent = send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        all += static_cast<std::size_t>(sent);
        idle = 0;
      } else {
        ++idle;
        std::this_thread::sleep_for(milliseconds(10));
      }
    }
    return all;
  }
  // Exactly so many bytes; fewer if the other side ended, or nothing came in time.
  [[nodiscard]] Bytes read(std::size_t count, milliseconds limit = milliseconds(5000)) const {
    Bytes out(count);
    std::size_t have = 0;
    while (have < count && readable(limit)) {
      const auto got = recv(fd_, out.data() + have, count - have, 0);
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    out.resize(have);
    return out;
  }
  // A response's correlation id and how long its body was.
  struct Response {
    std::int32_t correlation = 0;
    Bytes body;
  };
  [[nodiscard]] std::optional<Response> response(milliseconds limit = milliseconds(5000)) const {
    const Bytes head = read(8, limit);
    if (head.size() < 8) return std::nullopt;
    const auto size = kafka::wire::load_big_endian<std::int32_t>(head.data());
    Response out{.correlation = kafka::wire::load_big_endian<std::int32_t>(head.data() + 4),
                 .body = read(static_cast<std::size_t>(size - 4), limit)};
    return out;
  }
  [[nodiscard]] bool readable(milliseconds limit) const {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
  }
  // Whether the other side has ended, in whichever way.
  [[nodiscard]] bool at_end() const {
    std::byte one{};
    return readable(milliseconds(5000)) && recv(fd_, &one, 1, 0) <= 0;
  }
  void end_writing() const { shutdown(fd_, SHUT_WR); }

 private:
  int fd_;
};

// Counts what came; answers unless told not to.
class FrameServer {
 public:
  FrameServer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback_at(0);
    socklen_t length = sizeof address;
    REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(fd_, 16) == 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    accepting_ = std::jthread([this] { accept_all(); });
  }
  ~FrameServer() {
    shutdown(fd_, SHUT_RDWR);
    accepting_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int peer : peers_) shutdown(peer, SHUT_RDWR);
    }
    threads_.clear();
    ::close(fd_);
  }
  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;
  [[nodiscard]] int port() const { return port_; }

  std::atomic<int> requests = 0, connections = 0, ended = 0;
  // The correlation ids of what came, in order.
  [[nodiscard]] std::vector<std::int32_t> order() const {
    const std::lock_guard lock(mutex_);
    return order_;
  }
  std::atomic<bool> reads = true;  // false: takes nothing, so that its peers' buffers fill

 private:
  void accept_all() {
    while (true) {
      const int peer = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      ++connections;
      {
        const std::lock_guard lock(mutex_);
        peers_.insert(peer);
      }
      threads_.emplace_back([this, peer] { serve(peer); });
    }
  }
  void serve(int fd) {
    const Peer peer{std::optional(fd)};
    answer_all(peer);
    const std::lock_guard lock(mutex_);
    peers_.erase(fd);
    ++ended;
  }
  void answer_all(const Peer& peer) {
    while (true) {
      while (!reads) std::this_thread::sleep_for(milliseconds(5));
      const Bytes head = peer.read(4, milliseconds(60'000));
      if (head.size() < 4) return;
      const auto size =
          static_cast<std::size_t>(kafka::wire::load_big_endian<std::int32_t>(head.data()));
      const Bytes frame = peer.read(size, milliseconds(60'000));
      if (size < 8 || frame.size() < size) return;
      {
        const std::lock_guard lock(mutex_);
        order_.push_back(kafka::wire::load_big_endian<std::int32_t>(frame.data() + 4));
      }
      ++requests;
      if (kafka::wire::load_big_endian<std::int16_t>(frame.data()) == api::produce) continue;
      kafka::wire::Writer answer;
      answer.int32(static_cast<std::int32_t>(size))
          .append(BytesView(frame).subspan(4, 4))
          .append(BytesView(frame).subspan(4));
      if (!peer.write(answer.bytes())) return;
    }
  }

  int fd_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::set<int> peers_;
  std::vector<std::int32_t> order_;
  std::vector<std::jthread> threads_;
  std::jthread accepting_;
};

inline constexpr NodeId node_of_rig{1};

// Node 1 with a listener for clients and one for brokers, both the same server's.
struct Rig {
  FrameServer server;
  int client_port = 0, replication_port = 0;
  std::unique_ptr<Proxy> proxy;

  Rig() {
    clusters::ReservedPorts reserved(2);
    client_port = reserved.ports()[0];
    replication_port = reserved.ports()[1];
    reserved.release();
    proxy = std::make_unique<Proxy>(
        std::vector<Port>{{.node = node_of_rig,
                           .listener = Listener::client,
                           .port = client_port,
                           .target = server.port()},
                          {.node = node_of_rig,
                           .listener = Listener::replication,
                           .port = replication_port,
                           .target = server.port()}},
        Roles{{node_of_rig, NodeRole::broker}, {NodeId(2), NodeRole::broker}});
  }
  [[nodiscard]] static NetworkRule rule(NetworkRule::Effect effect, Way way = Way::both) {
    NetworkRule out;
    out.node = node_of_rig;
    out.peers.clients = true;
    out.way = way;
    out.effect = effect;
    return out;
  }
  [[nodiscard]] static NetworkRule request_rule(NetworkRule::Effect effect, std::int16_t api) {
    NetworkRule out = rule(effect, Way::in);
    out.requests = RequestMatch{};
    out.requests->api = api;
    return out;
  }
};

}  // namespace seatrial::proxy::test
