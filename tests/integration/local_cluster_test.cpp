// Real brokers as JVM processes.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <thread>

#include "kafka/admin.hpp"
#include "support/cluster_behaviour.hpp"

namespace {

// JVMs and data folders that carry the run's label, found without the code under test.
int things_of(const std::string& run) {
  namespace fs = std::filesystem;
  int count = 0;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "cmdline", std::ios::binary);
    const std::string line{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (line.find("-Dseatrial.run=" + run) != std::string::npos) ++count;
  }
  for (const auto& entry : fs::directory_iterator("/dev/shm", gone)) {
    if (entry.path().filename().string().find(run) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("local: faults reach the processes, and down leaves none") {
  seatrial::behaviour::faults_reach_processes("local");
}

TEST_CASE("local: a broker that cannot start fails with its last log lines") {
  seatrial::behaviour::bad_setting_fails_with_log_lines("local");
}

TEST_CASE("local: sweep removes what a killed harness left, and only that", "[alone]") {
  seatrial::behaviour::sweep_takes_only_dead_runs("local", things_of);
}

// As a broker answers that has not yet heard of what the controller made.
void settings_are_reported_of_a_topic_that_comes_late(seatrial::Cluster& cluster) {
  using seatrial::kafka::Admin;
  const auto soon = [] { return seatrial::now() + seatrial::seconds(90); };
  seatrial::Result<seatrial::kafka::Done> made = seatrial::Error{"not yet", ""};
  std::jthread maker([&] {
    std::this_thread::sleep_for(seatrial::seconds(1));
    made = Admin(cluster.bootstrap()).create_topics({{"late", 1, 3, {}}}, soon());
  });
  const auto reported = Admin(cluster.bootstrap()).describe_topic_config("late", soon());
  INFO((reported ? std::string() : reported.error().message));
  CHECK(reported);
  maker.join();
  CHECK(made);
  const auto never = Admin(cluster.bootstrap()).describe_topic_config("never", soon());
  REQUIRE_FALSE(never);
  CHECK(never.error().message.find("Unknown topic") != std::string::npos);
}

// The brokers go on naming it as a controller to ask for as long as they think it alive.
void settings_are_reported_although_a_node_died(seatrial::Cluster& cluster) {
  using seatrial::kafka::Admin;
  const auto soon = [] { return seatrial::now() + seatrial::seconds(90); };
  REQUIRE(Admin(cluster.bootstrap()).create_topics({{"orders", 1, 3, {}}}, soon()));
  cluster.processes()->signal(cluster.nodes().front().id, seatrial::Signal::kill);
  for (int i = 0; i < 12; ++i) {  // each may ask the dead one
    const auto reported = Admin(cluster.bootstrap()).describe_topic_config("orders", soon());
    INFO((reported ? std::string() : reported.error().message));
    REQUIRE(reported);
    CHECK(reported->at("min.insync.replicas") == "1");
  }
}

TEST_CASE("local: combined nodes come up, and tell a topic's settings when one has died") {
  auto with = seatrial::behaviour::setting("local");
  with.spec.combined = true;
  with.spec.fast_timeouts = false;
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  CHECK(cluster->nodes().size() == 3);
  settings_are_reported_of_a_topic_that_comes_late(*cluster);
  settings_are_reported_although_a_node_died(*cluster);
  CHECK(cluster->down().empty());
  CHECK(things_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}

TEST_CASE("local: a stop request ends the start", "[light]") {
  const auto with = seatrial::behaviour::setting("local");
  const auto cluster = seatrial::behaviour::make(with);
  std::stop_source stop;
  stop.request_stop();
  CHECK_THROWS_AS(cluster->up(stop.get_token()), seatrial::Interrupted);
  CHECK(cluster->down().empty());
  CHECK(things_of(with.run_id) == 0);
  std::filesystem::remove_all(with.work_dir);
}

// Variables of this process for as long as it lives.
class Surroundings {
 public:
  explicit Surroundings(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      const char* before = std::getenv(name.c_str());
      before_[name] = before != nullptr ? std::optional<std::string>(before) : std::nullopt;
      setenv(name.c_str(), value.c_str(), 1);
    }
  }
  ~Surroundings() {
    for (const auto& [name, value] : before_) {
      if (value) setenv(name.c_str(), value->c_str(), 1);
      else unsetenv(name.c_str());
    }
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_CASE("local: what the environment has for Java, and odd paths, change nothing") {
  auto with = seatrial::behaviour::setting("local");
  with.spec.brokers = 1;
  with.work_dir += "/f\u00fcr, a#1 b=2:c \\";
  with.spec.data = with.work_dir / "data";  // as by default where /dev/shm is small
  const Surroundings surroundings{{{"_JAVA_OPTIONS", "-Xmx300m -XX:+UseParallelGC"},
                                   {"JAVA_TOOL_OPTIONS", "-XX:+UseG1GC"},
                                   {"JDK_JAVA_OPTIONS", "-Xbad"},
                                   {"KAFKA_HEAP_OPTS", "-Xmx300m"},
                                   {"CLASSPATH", "/nowhere"},
                                   {"LD_PRELOAD", "/nowhere.so"},
                                   {"LC_ALL", "C"}}};
  const auto cluster = seatrial::behaviour::make(with);
  cluster->up({});
  const auto facts = cluster->facts();
  CHECK(facts.at("heap") == "512m");
  CHECK(facts.at("garbage_collector") == "serial");
  const auto& flags = facts.at("jvm_flags");
  CHECK(flags.find("-XX:MaxHeapSize=536870912 ") != std::string::npos);
  CHECK(flags.find("-XX:+UseSerialGC") != std::string::npos);
  CHECK(flags.find("-XX:+UseParallelGC") == std::string::npos);
  CHECK(cluster->down().empty());
  std::filesystem::remove_all(with.work_dir.parent_path());
}

TEST_CASE("local: the newest release starts") { seatrial::behaviour::start_release("4.4.0"); }
