// A harness that dies, and one that is asked to stop: nothing stays behind, and what it had
// journaled can be read.
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Lines = std::vector<std::string>;

constexpr const char* one_broker = R"(name: killed
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
)";

constexpr const char* long_pause = R"(name: killed
cluster: {kind: local, brokers: 3, controllers: combined}
topics: {orders: {partitions: 1, replication: 3}}
workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
timeline: [{at: 0s, fault: pause, target: follower(orders/0), heal_after: 50s}]
)";

// Enough messages that the audit takes a while.
constexpr const char* long_audit = R"(name: killed
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: max, size: 32B, properties: {linger.ms: 20}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 6s}
)";

// A broker that dies unseen leaves messages without an answer (3 in sync are asked for), or a
// partition that is never fully replicated again (1 suffices); and there is time to wait for it.
std::string long_wait(int min_insync) {
  return "name: killed\n"
         "cluster: {kind: local, brokers: 3, controllers: combined}\n"
         "topics: {orders: {partitions: 1, replication: 3, config: {min.insync.replicas: " +
         std::to_string(min_insync) +
         "}}}\n"
         "workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}\n"
         "phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 2s, settle: 20m, recover: 20m}\n";
}

// Members of a group are processes of ours; one of them stands still. The brokers are the mock's.
constexpr const char* members = R"(name: killed
topics: {orders: {partitions: 6, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s}
  read: {kind: group, topic: orders, members: 3}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
timeline: [{at: 0s, fault: pause, target: member(2), heal_after: 50s}]
)";

constexpr const char* failed_heal = R"(name: killed
topics: {orders: {partitions: 6, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s}
  read: {kind: group, topic: orders, members: 3}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
timeline: [{at: 0s, fault: kill, target: member(2), heal_after: 6s}]
)";

// A fault every two seconds, on processes, the network, requests and the cluster itself.
constexpr const char* chaos = R"(name: killed
cluster: {kind: local, brokers: 3, controllers: 1, cpus: 1.5}
topics: {orders: {partitions: 3, replication: 3, config: {min.insync.replicas: 1}}}
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s}
  read: {kind: group, topic: orders, members: 2}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
chaos:
  every: 2s
  faults: {kill: 2, pause: 2, stop: 1, cut: 2, delay: {weight: 1, by: 50ms}, reset: 1,
           hold_requests: {weight: 1, by: 50ms}}
)";

// A run of `scenario` in a folder of its own; the harness dies with the object if not before.
struct Run {
  explicit Run(const std::string& scenario, const std::string& kind = "local")
      : harness({.arguments = {"run", folder.with("killed.yaml", scenario), "--cluster", kind,
                               "--out", (folder / "results").string()},
                 .environment = {}}) {}
  ~Run() {
    harness.signal(SIGKILL);
    static_cast<void>(harness.wait());
    static_cast<void>(down());
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  [[nodiscard]] fs::path results() const { return latest_run(folder / "results"); }
  [[nodiscard]] std::string id() const { return results().filename().string(); }
  [[nodiscard]] std::string journal() const { return read_file(results() / "journal.jsonl"); }
  [[nodiscard]] Ended down() const {
    return seatrial({"down", "--out", (folder / "results").string()});
  }
  // Waits until there are as many brokers' processes, in the given state if one is given.
  [[nodiscard]] bool wait_for_brokers(std::size_t count, char state = 0) {
    return harness.wait_until([&] {
      std::size_t seen = 0;
      for (const auto& process : processes_of(id())) {
        if (state == 0 || process.state == state) ++seen;
      }
      return !results().empty() && seen >= count;
    });
  }

  Folder folder;
  Harness harness;
};

// The moment has come: the harness is killed, nothing is left after `down`, and the record is
// readable and says that it is a part.
void kill_and_look(Run& run, bool compose = false) {
  run.harness.signal(SIGKILL);
  const Ended end = run.harness.wait();
  INFO(end.out << end.err);
  REQUIRE(end.by_signal == SIGKILL);
  REQUIRE_FALSE(fs::exists(run.results() / "run.json"));
  CHECK(left_by(run.id(), compose) != Lines{});  // else there was nothing to remove
  const Ended down = run.down();
  INFO(down.out << down.err);
  CHECK(down.exit_code == 0);
  CHECK(left_by(run.id(), compose) == Lines{});
  const Ended report = seatrial({"report", run.results().string()});
  INFO(report.out << report.err);
  CHECK(report.exit_code == 0);
  CHECK(report.out.find("PARTIAL") != std::string::npos);
  CHECK(read_file(run.results() / "report.html").find("Partial record") != std::string::npos);
}

// Does `then` to a run that stands still in its audit. The audit may be over before it was seen, or
// `then` may find (by returning false) that it came too late: such a run is tried again.
void during_the_audit(const std::function<bool(Run&)>& then) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    Run run(long_audit);
    if (!run.harness.wait_for("audit,")) continue;
    run.harness.signal(SIGSTOP);
    const bool over = run.harness.out().find("taking the cluster down") != std::string::npos;
    if (!over && then(run)) return;
  }
  FAIL("no audit of five was caught in the act");
}

// The same for a run whose brokers are starting.
void during_the_start(const std::function<void(Run&)>& then) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    Run run(long_pause);
    REQUIRE(run.wait_for_brokers(2));
    run.harness.signal(SIGSTOP);
    if (run.journal().find("cluster_up_s") == std::string::npos) return then(run);
  }
  FAIL("no start of five was caught in the act");
}

TEST_CASE("a harness killed while brokers start leaves nothing after down") {
  during_the_start([](Run& run) { kill_and_look(run); });
}

TEST_CASE("a harness killed during a pause leaves nothing after down") {
  Run run(long_pause);
  REQUIRE(run.wait_for_brokers(1, 'T'));
  REQUIRE(run.harness.wait_until(
      [&] { return run.journal().find("\"status\":\"effective\"") != std::string::npos; }));
  kill_and_look(run);
  const json record = record_of(run.results());
  CHECK(record.at("trials").at(0).at("faults").at(0).at("action") == "pause");
}

TEST_CASE("a harness killed during the audit leaves nothing after down") {
  during_the_audit([](Run& run) {
    kill_and_look(run);
    return true;
  });
}

TEST_CASE("a harness killed with containers up leaves nothing after down") {
  Run run(one_broker, "compose");
  REQUIRE(run.harness.wait_for("measure", std::chrono::minutes(15)));
  kill_and_look(run, true);
}

// Kills the harness at moments that the seed draws, from its first breath to the middle of its
// faults.
void kill_at_random(int times, unsigned seed) {
  std::mt19937 random(seed);
  for (int time = 0; time < times; ++time) {
    const milliseconds moment(std::uniform_int_distribution(0, 25'000)(random));
    CAPTURE(time, moment.count());
    Run run(chaos);
    static_cast<void>(run.harness.wait_until([] { return false; }, moment));
    CHECK(run.harness.running());
    run.harness.signal(SIGKILL);
    static_cast<void>(run.harness.wait());
    const std::string id = run.results().empty() ? "none" : run.id();
    const Ended down = run.down();
    INFO(down.out << down.err);
    CHECK(down.exit_code == 0);
    CHECK(left_by(id) == Lines{});
    if (id == "none" || read_file(run.results() / "journal.jsonl").empty()) continue;
    CHECK(seatrial({"report", run.results().string()}).exit_code == 0);
  }
}

TEST_CASE("a harness killed at random moments of chaos leaves nothing after down") {
  kill_at_random(2, 7);
}

TEST_CASE("a harness killed at twenty random moments of chaos leaves nothing", "[matrix]") {
  kill_at_random(20, 20);
}

// Asked to stop, the harness takes the cluster down, whatever it waits for, and says so. Its
// record.
json stop_and_look(Run& run, int signal, bool compose = false) {
  run.harness.signal(signal);
  run.harness.signal(SIGCONT);  // it may stand still
  const Ended end = run.harness.wait();
  INFO(end.out << end.err);
  CHECK(end.exit_code == 2);
  CHECK(end.err.find("stopping") != std::string::npos);
  CHECK(left_by(run.id(), compose) == Lines{});
  REQUIRE(fs::exists(run.results() / "run.json"));
  const json record = json::parse(read_file(run.results() / "run.json"));
  CHECK(record.at("run").at("interrupted") == true);
  CHECK(record.at("partial") == true);
  CHECK(record.at("verdict").at("overall") == "unknown");
  CHECK(fs::exists(run.results() / "report.html"));
  return record;
}

// In the middle of a pause: it is healed first.
void stop_during_a_pause(int signal) {
  Run run(long_pause);
  REQUIRE(run.wait_for_brokers(1, 'T'));
  REQUIRE(run.harness.wait_for("pause follower"));
  const json record = stop_and_look(run, signal);
  CHECK(record.at("trials").at(0).at("faults").at(0).contains("healed_s"));
}

TEST_CASE("Ctrl-C heals, takes the cluster down and leaves a record") {
  stop_during_a_pause(SIGINT);
}

TEST_CASE("SIGTERM heals, takes the cluster down and leaves a record", "[matrix]") {
  stop_during_a_pause(SIGTERM);
}

TEST_CASE("SIGQUIT heals, takes the cluster down and leaves a record", "[matrix]") {
  stop_during_a_pause(SIGQUIT);
}

TEST_CASE("Ctrl-C while brokers start takes them down and leaves a record") {
  during_the_start([](Run& run) {
    const json record = stop_and_look(run, SIGINT);
    CHECK(record.at("trials").at(0).at("error") == "interrupted");
  });
}

// While the harness waits for what never comes: `phase` is what it says meanwhile.
void stop_a_long_wait(int min_insync, const std::string& phase, int signal) {
  Run run(long_wait(min_insync));
  REQUIRE(run.harness.wait_for("measure"));
  const auto brokers = processes_of(run.id());
  REQUIRE(brokers.size() == 3);
  ::kill(brokers.front().pid, SIGKILL);
  REQUIRE(run.harness.wait_for(phase));
  CHECK(run.harness.running());
  stop_and_look(run, signal);
}

TEST_CASE("SIGTERM while messages settle ends the wait") {
  stop_a_long_wait(3, "settling", SIGTERM);
}

TEST_CASE("SIGHUP while the cluster recovers ends the wait") {
  stop_a_long_wait(1, "waiting for full ISR", SIGHUP);
}

TEST_CASE("SIGTERM during the audit takes the cluster down and leaves a record") {
  during_the_audit([](Run& run) {
    run.harness.signal(SIGTERM);
    run.harness.signal(SIGCONT);
    if (run.harness.wait().exit_code == 0) return false;
    stop_and_look(run, SIGTERM);
    return true;
  });
}

TEST_CASE("Ctrl-C with containers up takes them down and leaves a record") {
  Run run(one_broker, "compose");
  REQUIRE(run.harness.wait_for("measure", std::chrono::minutes(15)));
  stop_and_look(run, SIGINT, true);
}

TEST_CASE("a killed harness takes its members along, also one that stands still") {
  Run run(members, "mock");
  REQUIRE(run.wait_for_brokers(1, 'T'));
  const std::string id = run.id();
  REQUIRE(processes_of(id).size() == 3);
  run.harness.signal(SIGKILL);
  REQUIRE(run.harness.wait().by_signal == SIGKILL);
  const Instant deadline = now() + seconds(60);
  while (!processes_of(id).empty() && now() < deadline) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  CHECK(left_by(id) == Lines{});  // before anybody called `down`
}

void stop_members(int signal) {
  Run run(members, "mock");
  REQUIRE(run.wait_for_brokers(1, 'T'));
  REQUIRE(run.harness.wait_for("pause member"));
  run.harness.signal(signal);
  const Ended end = run.harness.wait();
  INFO(end.out << end.err);
  CHECK(end.exit_code == 2);
  CHECK(left_by(run.id()) == Lines{});
  const json record = json::parse(read_file(run.results() / "run.json"));
  CHECK(record.at("trials").at(0).at("faults").at(0).contains("healed_s"));
}

TEST_CASE("Ctrl-C leaves no member behind", "[matrix]") { stop_members(SIGINT); }

TEST_CASE("SIGTERM leaves no member behind", "[matrix]") { stop_members(SIGTERM); }

TEST_CASE("SIGQUIT leaves no member behind") { stop_members(SIGQUIT); }

// Its folder is gone when its fault is healed, so no process can be started.
TEST_CASE("a member that cannot be started again keeps no signal from ending the run") {
  Run run(failed_heal, "mock");
  REQUIRE(run.harness.wait_for("kill member"));
  fs::remove_all(run.results() / "members");
  REQUIRE(run.harness.wait_until(
      [&] { return run.journal().find("\"status\":\"failed\"") != std::string::npos; }));
  run.harness.signal(SIGINT);
  const Ended end = run.harness.wait(seconds(60));
  INFO(end.out << end.err);
  CHECK(end.exit_code == 2);
  CHECK(left_by(run.id()) == Lines{});
  CHECK(run.journal().find("member-2.log") != std::string::npos);  // what was wrong
}

TEST_CASE("a member's process without a harness ends at once", "[light]") {
  const Ended end = seatrial({"worker"});
  CHECK(end.exit_code == 5);
}

TEST_CASE("down does not touch a run in progress") {
  Run run(one_broker);
  REQUIRE(run.harness.wait_for("measure"));
  const auto before = processes_of(run.id());
  REQUIRE(before.size() == 1);
  CHECK(run.down().exit_code == 0);
  CHECK(run.harness.running());
  const auto after = processes_of(run.id());
  REQUIRE(after.size() == 1);
  CHECK(after[0].pid == before[0].pid);
  run.harness.signal(SIGTERM);
  CHECK(run.harness.wait().exit_code == 2);
  CHECK(left_by(run.id()) == Lines{});
}

}  // namespace
}  // namespace seatrial::e2e
