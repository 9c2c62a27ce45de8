// What every cluster kind with processes must do, for the tests of each kind. Real brokers; a test
// takes seconds, and none asserts how many.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "clusters/leftovers.hpp"
#include "clusters/net.hpp"
#include "clusters/property_definitions.hpp"
#include "core/check.hpp"
#include "core/cluster.hpp"
#include "core/units.hpp"
#include "kafka/admin.hpp"
#include "support/catch.hpp"

namespace seatrial::behaviour {

using namespace std::chrono_literals;

inline std::string random_name(std::size_t length) {
  static std::mt19937_64 random(std::random_device{}());
  std::string name;
  for (std::size_t i = 0; i < length; ++i) name += static_cast<char>('a' + random() % 26);
  return name;
}

inline ClusterSetting setting(const std::string& kind) {
  ClusterSetting made;
  made.spec.kind = kind;
  made.run_id = "test-" + random_name(8);
  made.cluster_id = random_name(21) + "A";  // the last character carries two bits only
  made.work_dir = std::filesystem::temp_directory_path() / ("seatrial-" + made.run_id);
  return made;
}

inline std::unique_ptr<Cluster> make(const ClusterSetting& from) {
  const auto* kind = ClusterKinds::instance().find(from.spec.kind);
  REQUIRE(kind != nullptr);
  return kind->make(from);
}

inline bool eventually(const std::function<bool()>& holds, nanoseconds limit = 90s) {
  const auto until = now() + limit;
  while (now() < until) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return holds();
}

inline int port_of(const Node& node) {
  return static_cast<int>(*parse_integer(node.address.substr(node.address.rfind(':') + 1)));
}

inline void faults_reach_processes(const std::string& kind) {
  using Kind = ProcessState::Kind;
  const auto with = setting(kind);
  const auto cluster = make(with);
  cluster->up({});
  auto* processes = cluster->processes();
  REQUIRE(processes != nullptr);
  const auto nodes = cluster->nodes();
  REQUIRE(nodes.size() == 4);
  std::vector<int> pids;
  for (const auto& node : nodes) {
    const auto state = processes->state(node.id);
    CHECK(state.kind == Kind::running);
    pids.push_back(state.host_pid);
    if (!node.serves_clients()) continue;
    CHECK(eventually([&] { return clusters::kafka_answers(port_of(node), 2s); }));
  }
  const NodeId victim{2};
  const int port = port_of(nodes.at(1));
  const auto is = [&](Kind wanted) {
    return eventually([&] { return processes->state(victim).kind == wanted; });
  };
  processes->signal(victim, Signal::pause);
  CHECK(is(Kind::paused));
  CHECK_FALSE(clusters::kafka_answers(port, 300ms));
  processes->signal(victim, Signal::resume);
  CHECK(is(Kind::running));
  CHECK(eventually([&] { return clusters::kafka_answers(port, 2s); }));

  processes->signal(victim, Signal::kill);
  CHECK(is(Kind::exited));
  CHECK(processes->state(victim).signal == SIGKILL);
  CHECK_FALSE(clusters::kafka_answers(port, 300ms));
  CHECK_THROWS_AS(processes->signal(victim, Signal::pause), InfrastructureError);
  processes->start(victim);
  processes->start(victim);  // nothing to do
  CHECK(is(Kind::running));
  CHECK(eventually([&] { return clusters::kafka_answers(port, 2s); }));

  processes->signal(NodeId{3}, Signal::terminate);
  CHECK(eventually([&] { return processes->state(NodeId{3}).kind == Kind::exited; }));
  CHECK(processes->state(NodeId{3}).exit_code == 143);

  const auto logs = with.work_dir / "collected";
  cluster->collect_logs(logs);
  for (const char* name : {"broker-1.log", "controller-1.log"}) {
    CHECK(std::filesystem::file_size(logs / name) > 1000);
  }
  CHECK(cluster->effective_config().at("broker.session.timeout.ms") == "3000");
  CHECK(cluster->down().empty());
  CHECK(cluster->down().empty());
  for (const int pid : pids) CHECK(kill(pid, 0) != 0);
  std::filesystem::remove_all(with.work_dir);
}

inline void bad_setting_fails_with_log_lines(const std::string& kind) {
  auto with = setting(kind);
  with.spec.config["num.network.threads"] = "none";
  const auto cluster = make(with);
  std::string message;
  try {
    cluster->up({});
  } catch (const InfrastructureError& error) {
    message = error.what();
  }
  INFO(message);
  CHECK(message.find("did not start") != std::string::npos);
  CHECK(message.find("num.network.threads") != std::string::npos);  // the broker's own words
  CHECK(cluster->down().empty());
  std::filesystem::remove_all(with.work_dir);
}

// A harness dies by SIGKILL with a cluster up: it is swept, and not before. `left` counts what is
// there.
inline void sweep_takes_only_dead_runs(const std::string& kind,
                                       const std::function<int(const std::string& run)>& left) {
  auto with = setting(kind);
  with.spec.brokers = 1;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t harness = fork();
  REQUIRE(harness >= 0);
  if (harness == 0) {  // no test assertions in here: it never returns to the test runner
    const auto* found = ClusterKinds::instance().find(kind);
    char outcome = 'e';
    std::unique_ptr<Cluster> cluster;
    try {
      cluster = found->make(with);
      cluster->up({});
      outcome = 'u';
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    if (write(ready[1], &outcome, 1) != 1) _exit(1);
    while (true) pause();
  }
  char outcome = 0;
  REQUIRE(read(ready[0], &outcome, 1) == 1);
  CHECK(outcome == 'u');
  const auto sweep = [&] { return ClusterKinds::instance().find(kind)->sweep(with.work_dir); };
  const int before = left(with.run_id);
  CHECK(before > 0);
  sweep();
  CHECK(left(with.run_id) == before);
  kill(harness, SIGKILL);
  waitpid(harness, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  CHECK(left(with.run_id) == before);
  CHECK_FALSE(sweep().empty());
  CHECK(left(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}

// It starts on local brokers, takes a topic, and its jars say which settings it has.
inline void start_release(const std::string& release) {
  INFO(release);
  auto with = setting("local");
  with.spec.version = release;
  const auto cluster = make(with);
  cluster->up({});
  CHECK(kafka::Admin(cluster->bootstrap()).create_topics({{"orders", 1, 3, {}}}, now() + 90s));
  const auto names = clusters::property_definitions(release);
  REQUIRE(names);
  CHECK_FALSE(names->broker.empty());
  CHECK(cluster->down().empty());
  std::filesystem::remove_all(with.work_dir);
}

}  // namespace seatrial::behaviour
