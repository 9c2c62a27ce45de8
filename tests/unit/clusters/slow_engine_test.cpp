// A container engine that takes its time with one node holds no other node up, and one that is
// elsewhere gets no gear of this machine. The engine is a script in front of the path, and its
// brokers are a thread that answers as they would.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "clusters/net.hpp"
#include "core/cluster.hpp"
#include "core/time.hpp"
#include "support/catch.hpp"

using namespace seatrial;
namespace fs = std::filesystem;

namespace {

// Containers are files: down-NAME is there while NAME is down. `start` waits for the file go-on.
constexpr const char* engine = R"sh(#!/bin/sh
cd "$(dirname "$0")" || exit 1
case "$1 $2" in
  "version --format") echo 24.0 ;;
  "info --format") echo 6.1.0 elsewhere ;;
  "compose version") echo 2.0 ;;
  "image inspect") echo sha256:0 ;;
  "compose -p")
    echo "$SEATRIAL_PORT_1 $SEATRIAL_PORT_2" > ports.new; mv ports.new ports
    while [ ! -e listening ]; do sleep 0.02; done ;;
  "ps -a")
    case "$*" in *compose.service*)
      for node in broker-1 broker-2 controller-1; do echo "$node $node"; done ;;
    esac ;;
  "logs "*) echo 'Kafka Server started' ;;
  "inspect -f") if [ -e "down-$4" ]; then echo exited 0 137; else echo running 0 0; fi ;;
  "kill -s") touch "down-$4" ;;
  "start "*)
    touch starting
    while [ ! -e go-on ]; do sleep 0.02; done
    rm -f "down-$2" ;;
  "pause "* | "unpause "*) echo "$1 $2" >> calls ;;
esac
)sh";

// Whether it came, before somebody lost patience.
bool wait_for(const fs::path& file, const std::stop_token& stop = {}) {
  const Instant until = now() + seconds(60);
  while (!fs::exists(file) && now() < until && !stop.stop_requested()) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  return fs::exists(file);
}

void touch(const fs::path& file) { std::ofstream(file) << "\n"; }

int listen_at(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (bound && listen(fd, 8) == 0) return fd;
  close(fd);
  return -1;  // polled in vain: the cluster then says that its broker does not answer
}

// The head of an answer to whatever one asks: a length, and the question's correlation id.
void answer(int client) {
  std::array<unsigned char, 14> question{};
  if (recv(client, question.data(), question.size(), MSG_WAITALL) != 14) return;
  const std::array<unsigned char, 8> head{
      0, 0, 0, 4, question[8], question[9], question[10], question[11]};
  static_cast<void>(send(client, head.data(), head.size(), MSG_NOSIGNAL));
}

void serve(const std::vector<int>& listeners, const std::stop_token& stop) {
  std::vector<pollfd> waiting;
  for (const int fd : listeners) waiting.push_back({fd, POLLIN, 0});
  while (!stop.stop_requested()) {
    if (poll(waiting.data(), waiting.size(), 20) <= 0) continue;
    for (const pollfd& one : waiting) {
      if ((one.revents & POLLIN) == 0) continue;
      const int client = accept(one.fd, nullptr, nullptr);
      answer(client);
      close(client);
    }
  }
  for (const int fd : listeners) close(fd);
}

// Two brokers at the ports that the cluster has chosen.
void run_brokers(const fs::path& folder, const std::stop_token& stop) {
  if (!wait_for(folder / "ports", stop)) return;
  std::ifstream in(folder / "ports");
  int first = 0, second = 0;
  in >> first >> second;
  const std::vector<int> listeners{listen_at(first), listen_at(second)};
  touch(folder / "listening");
  serve(listeners, stop);
}

// In front of the path while it lives.
struct MadeUpEngine {
  fs::path folder;
  std::string path = std::getenv("PATH");
  MadeUpEngine() {
    std::string name = (fs::temp_directory_path() / "seatrial-engine-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    std::ofstream(folder / "docker") << engine;
    fs::permissions(folder / "docker", fs::perms::owner_all);
    setenv("PATH", (folder.string() + ":" + path).c_str(), 1);
  }
  ~MadeUpEngine() {
    setenv("PATH", path.c_str(), 1);
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  MadeUpEngine(const MadeUpEngine&) = delete;
  MadeUpEngine& operator=(const MadeUpEngine&) = delete;
};

}  // namespace

TEST_CASE("an engine elsewhere can be given nothing that this machine has") {
  const MadeUpEngine elsewhere;
  const auto* kind = ClusterKinds::instance().find("compose");
  REQUIRE(kind != nullptr);
  for (const Gear gear : kind->gear) {
    const auto why = kind->lacks(gear).value_or("");
    INFO(why);
    CHECK(why.find("runs on another machine (6.1.0 elsewhere, here ") != std::string::npos);
    CHECK(why.find("--cluster local") != std::string::npos);
  }
}

TEST_CASE("while the engine starts one node, the others' faults do not wait") {
  const MadeUpEngine slow;
  const fs::path& folder = slow.folder;
  std::jthread brokers([&](const std::stop_token& stop) { run_brokers(folder, stop); });
  ClusterSetting setting{
      .spec = {}, .run_id = "slow-engine", .cluster_id = "x", .work_dir = folder / "work"};
  setting.spec.kind = "compose";
  setting.spec.brokers = 2;
  const auto* kind = ClusterKinds::instance().find("compose");
  REQUIRE(kind != nullptr);
  const auto cluster = kind->make(setting);
  cluster->up({});
  Processes& nodes = *cluster->processes();

  nodes.signal(NodeId(1), Signal::kill);
  CHECK(nodes.state(NodeId(1)).kind == ProcessState::Kind::exited);
  auto start = std::async(std::launch::async, [&] { nodes.start(NodeId(1)); });
  REQUIRE(wait_for(folder / "starting"));
  auto others = std::async(std::launch::async, [&] {
    nodes.signal(NodeId(2), Signal::pause);
    nodes.signal(NodeId(2), Signal::resume);
    CHECK(nodes.state(NodeId(1)).kind == ProcessState::Kind::exited);
    CHECK(cluster->nodes().size() == 3);
  });
  // The engine goes on only when they are through; if they waited for it, this would be in vain.
  CHECK(others.wait_for(seconds(30)) == std::future_status::ready);
  touch(folder / "go-on");
  start.get();
  others.get();
  CHECK(nodes.state(NodeId(1)).kind == ProcessState::Kind::running);
  std::ifstream calls(folder / "calls");
  std::string first, second;
  std::getline(calls, first);
  std::getline(calls, second);
  CHECK(first == "pause broker-2");
  CHECK(second == "unpause broker-2");
}
