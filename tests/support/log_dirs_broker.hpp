// A broker over a real socket that tells of its log dirs (ApiVersions, DescribeLogDirs), and of
// nothing else.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/wire/administration.hpp"
#include "kafka/wire/bytes.hpp"
#include "support/catch.hpp"

namespace seatrial::test {

class LogDirsBroker {
 public:
  explicit LogDirsBroker(std::vector<kafka::wire::LogDir> dirs) : dirs_(std::move(dirs)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    auto* const name = reinterpret_cast<sockaddr*>(&here);
    REQUIRE(bind(listener_, name, size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    REQUIRE(getsockname(listener_, name, &size) == 0);
    port_ = ntohs(here.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~LogDirsBroker() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  LogDirsBroker(const LogDirsBroker&) = delete;
  LogDirsBroker& operator=(const LogDirsBroker&) = delete;
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  using Bytes = kafka::wire::Bytes;

  // One connection after the other, until the listener is shut.
  void serve() const {
    for (int peer = -1; (peer = accept(listener_, nullptr, nullptr)) >= 0; close(peer)) {
      while (true) {
        const Bytes size = read_whole(peer, 4);
        if (size.empty()) break;
        const auto length = kafka::wire::load_big_endian<std::int32_t>(size.data());
        const Bytes request = read_whole(peer, static_cast<std::size_t>(length));
        if (request.empty()) break;
        const Bytes answer = answer_to(request);
        if (send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
      }
    }
  }
  static Bytes read_whole(int peer, std::size_t count) {
    Bytes out(count);
    const auto got = recv(peer, out.data(), count, MSG_WAITALL);
    return got == static_cast<ssize_t>(count) ? out : Bytes{};
  }
  [[nodiscard]] Bytes answer_to(const Bytes& request) const {
    kafka::wire::Cursor in(request);
    const std::int16_t api = in.int16();
    in.int16();  // version
    kafka::wire::Writer body;
    body.int32(in.int32());  // correlation
    constexpr auto told = static_cast<std::int16_t>(kafka::wire::Api::describe_log_dirs);
    if (api != told) {  // ApiVersions
      body.int16(0).int32(1).int16(told).int16(1).int16(4);
    } else {
      body.int32(0).int32(static_cast<std::int32_t>(dirs_.size()));
      for (const auto& dir : dirs_) body.int16(dir.error).string(dir.path).int32(0);
    }
    const Bytes rest = body.take();
    kafka::wire::Writer out;
    out.int32(static_cast<std::int32_t>(rest.size()));
    Bytes all = out.take();
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }

  std::vector<kafka::wire::LogDir> dirs_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace seatrial::test
