// What the proxy adds to a round trip and how much it carries, beside no proxy and beside
// Toxiproxy, interleaved over several rounds.
//
//     ./seatrial bench proxy [--rounds N]
//     SEATRIAL_TOXIPROXY   path of toxiproxy-server
//
// A server that answers each frame with 100 bytes, and one connection to it: 400-byte requests one
// after the other (the median round trip), then 1 MB requests with five in flight (bytes a second).
// The proxy's table holds a rule that looks at every request and picks none. All of it shares the
// machine's cores. The server and our proxy are threads of this process, Toxiproxy is one of its
// own.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "bench/macro/side_by_side.hpp"
#include "clusters/net.hpp"
#include "clusters/process.hpp"
#include "core/check.hpp"
#include "core/numbers.hpp"
#include "kafka/wire/bytes.hpp"
#include "proxy/framing.hpp"
#include "proxy/proxy.hpp"

namespace seatrial::bench {
namespace {

using proxy::Bytes;

constexpr int round_trips = 20'000;
constexpr std::size_t small = 400, large = 1'000'000;
constexpr int bulk_requests = 2'000, in_flight = 5;
constexpr std::size_t answer_bytes = 100;

sockaddr_in address_at(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Wire {
 public:
  explicit Wire(int fd) : fd_(fd) {
    check(fd >= 0, "there is a socket");
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Wire() { ::close(fd_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  static int dial(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_at(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    return -1;
  }
  [[nodiscard]] bool read(std::byte* to, std::size_t count) const {
    for (std::size_t have = 0; have < count;) {
      const auto got = recv(fd_, to + have, count - have, 0);
      if (got <= 0) return false;
      have += static_cast<std::size_t>(got);
    }
    return true;
  }
  [[nodiscard]] bool write(const std::byte* from, std::size_t count) const {
    for (std::size_t done = 0; done < count;) {
      const auto sent = send(fd_, from + done, count - done, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      done += static_cast<std::size_t>(sent);
    }
    return true;
  }

 private:
  int fd_;
};

// Answers until its peer ends.
void answer(int fd) {
  const Wire peer(fd);
  Bytes frame(large + 4), reply(answer_bytes);
  kafka::wire::store_big_endian(reply.data(), static_cast<std::int32_t>(answer_bytes - 4));
  while (peer.read(frame.data(), 4)) {
    const auto size = kafka::wire::load_big_endian<std::int32_t>(frame.data());
    if (!peer.read(frame.data(), static_cast<std::size_t>(size))) return;
    std::copy_n(frame.data() + 4, 4, reply.data() + 4);  // the correlation id
    if (!peer.write(reply.data(), reply.size())) return;
  }
}

class Server {
 public:
  explicit Server(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = address_at(port);
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool bound = bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (!bound || listen(fd_, 16) != 0) throw InfrastructureError("cannot listen");
    thread_ = std::jthread([this] {
      for (int peer = 0; (peer = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) answer(peer);
    });
  }
  ~Server() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  int fd_;
  std::jthread thread_;
};

Bytes request_of(std::size_t bytes) {
  constexpr std::int16_t metadata = 3;
  kafka::wire::Writer out;
  out.int32(static_cast<std::int32_t>(bytes - 4)).int16(metadata).int16(0).int32(1).string("bench");
  out.append(Bytes(bytes - out.bytes().size()));
  return out.take();
}

struct Figures {
  double p50_us = 0, gb_per_s = 0;
};

Figures drive(int port) {
  const Wire wire(Wire::dial(port));
  Bytes reply(answer_bytes);
  const Bytes ping = request_of(small), bulk = request_of(large);
  const auto asks = [&](const Bytes& frame) {
    check(wire.write(frame.data(), frame.size()), "the request is taken");
  };
  const auto reads = [&] { check(wire.read(reply.data(), reply.size()), "an answer comes"); };
  std::vector<double> took_us;
  for (int i = 0; i < round_trips; ++i) {
    const Instant begun = now();
    asks(ping);
    reads();
    took_us.push_back(to_seconds(now() - begun) * 1e6);
  }
  const Instant begun = now();
  for (int asked = 0, answered = 0; answered < bulk_requests; ++answered) {
    for (; asked < bulk_requests && asked - answered < in_flight; ++asked) asks(bulk);
    reads();
  }
  const double bytes = static_cast<double>(large) * bulk_requests;
  std::ranges::nth_element(took_us, took_us.begin() + round_trips / 2);
  return {took_us[round_trips / 2], bytes / to_seconds(now() - begun) / 1e9};
}

struct Path {
  std::string name;
  int port = 0;
  std::vector<double> p50_us{}, gb_per_s{};
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Toxiproxy's server with one proxy; dies with this program.
std::unique_ptr<clusters::Child> start_toxiproxy(const std::string& program, int from, int to,
                                                 int api) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto file = folder / fmt::format("seatrial-bench-toxiproxy-{}.json", getpid());
  std::ofstream(file) << fmt::format(
      R"([{{"name":"b","listen":"127.0.0.1:{}","upstream":"127.0.0.1:{}","enabled":true}}])", from,
      to);
  auto child = clusters::Child::spawn({.argv = {program, "-config", file.string(), "-host",
                                                "127.0.0.1", "-port", std::to_string(api)},
                                       .env = {{"LOG_LEVEL", "error"}},
                                       .cwd = {},
                                       .output = "/dev/null"});
  if (!child) throw InfrastructureError(child.error().message);
  for (const Instant until = now() + seconds(10); now() < until;) {
    const int fd = Wire::dial(from);
    if (fd >= 0) {
      ::close(fd);
      std::filesystem::remove(file);
      return std::move(*child);
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
  throw InfrastructureError("toxiproxy does not listen");
}

int run(const std::vector<std::string>& words) {
  int rounds = 5;
  if (words.size() == 2 && words[0] == "--rounds") {
    rounds = static_cast<int>(parse_integer(words[1], 1, 1000).value());
  }
  clusters::ReservedPorts reserved(4);
  const auto ports = reserved.ports();
  reserved.release();
  const Server server(ports[0]);
  proxy::Proxy ours({{.node = NodeId(1), .port = ports[1], .target = ports[0]}}, {});
  NetworkRule nobody;
  nobody.node = NodeId(1);
  nobody.peers.clients = true;
  nobody.way = seatrial::Way::in;
  nobody.effect = NetworkRule::Effect::drop;
  nobody.requests = RequestMatch{.client = "nobody"};
  static_cast<void>(ours.add(nobody));
  std::vector<Path> paths{{.name = "direct", .port = ports[0]},
                          {.name = "our proxy", .port = ports[1]}};
  std::unique_ptr<clusters::Child> toxiproxy;
  if (const auto program = peer("SEATRIAL_TOXIPROXY")) {
    toxiproxy = start_toxiproxy(*program, ports[2], ports[0], ports[3]);
    paths.push_back({.name = "toxiproxy", .port = ports[2]});
  }
  for (int round = 0; round < rounds; ++round) {
    for (Path& path : paths) {
      const auto figures = drive(path.port);
      path.p50_us.push_back(figures.p50_us);
      path.gb_per_s.push_back(figures.gb_per_s);
      fmt::print("round {} {:<10} p50 {:6.1f} us  {:5.2f} GB/s\n", round + 1, path.name,
                 figures.p50_us, figures.gb_per_s);
    }
  }
  const double base = median(paths[0].p50_us);
  for (const Path& path : paths) {
    const double p50 = median(path.p50_us);
    fmt::print("{:<10} p50 {:6.1f} us ({:+.1f})  {:5.2f} GB/s, medians of {}\n", path.name, p50,
               p50 - base, median(path.gb_per_s), rounds);
  }
  if (paths.size() == 3) {
    fmt::print("added p50, ours of toxiproxy's: {:.2f} (at most 0.5); rate: {:.2f} (at least 2)\n",
               (median(paths[1].p50_us) - base) / (median(paths[2].p50_us) - base),
               median(paths[1].gb_per_s) / median(paths[2].gb_per_s));
  }
  return 0;
}

const MacroRegistration registration{
    {"proxy", "what the proxy adds to a round trip, beside Toxiproxy", run}};

}  // namespace
}  // namespace seatrial::bench
