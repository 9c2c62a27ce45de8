// Lanes that run with another librdkafka, in processes of their own: all that they do is known as
// if they were threads; a process that loads another library, or dies, is an error. The other
// library is a copy of this program's own (on a mock cluster), and a newer one where only a newer
// one will do (on a real cluster).
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "kafka/loaded_library.hpp"
#include "kafka/share_consumer.hpp"
#include "run/runner.hpp"
#include "scenario/scenario.hpp"
#include "support/catch.hpp"
#include "support/scenario_run.hpp"
#include "support/skip.hpp"
#include "workers/client_library.hpp"

namespace seatrial::run {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A library of another file, which the loader has to be told of.
class OtherLibrary {
 public:
  OtherLibrary() {
    fs::create_directories(folder_);
    fs::copy_file(kafka::loaded_library().file, file(), fs::copy_options::overwrite_existing);
  }
  ~OtherLibrary() { fs::remove_all(folder_); }
  [[nodiscard]] fs::path file() const { return folder_ / "librdkafka-other.so"; }

 private:
  // A new one each time: what a file is, is remembered by its path.
  static inline int made_ = 0;
  fs::path folder_ =
      fs::temp_directory_path() /
      ("seatrial-other-library-" + std::to_string(::getpid()) + "-" + std::to_string(++made_));
};

scenario::Outcome load(const std::string& text, const std::string& kind) {
  scenario::Request request;
  request.path = "library.yaml";
  request.text = text;
  request.settings = {"cluster.kind=" + kind};
  request.ask_library = [](const auto& library, const auto& workload, const auto& options) {
    return workers::ask_client_library(library, workload, options, SEATRIAL_BINARY);
  };
  return scenario::load(request);
}

using Progress = std::function<void(const TrialProgress&)>;

json run_with_library(const std::string& text, const std::string& kind,
                      const Progress& progress = {}) {
  const auto loaded = load(text, kind);
  INFO(scenario::to_text(loaded.diagnostics));
  REQUIRE(loaded.plan);
  const auto tell = [&](RunSetting& setting) {
    if (progress) setting.progress = [&](const auto&, const auto& p) { progress(p); };
  };
  return test::run_scenario(*loaded.plan, tell).trial();
}

std::vector<pid_t> children() {
  std::vector<pid_t> out;
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) out.push_back(child);
  }
  return out;
}

std::string produce_and_read(const std::string& library, const std::string& more = "") {
  return "name: library\n"
         "topics: {orders: {partitions: 4, replication: 1}}\n"
         "workloads:\n"
         "  produce: {kind: producer, topic: orders, rate: 2000/s, lanes: 2, size: 64B,\n"
         "            client_library: " +
         library +
         ", properties: {linger.ms: 3}}\n"
         "  read: {kind: consumer, topic: orders, client_library: " +
         library +
         "}\n"
         "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 2s}\n" +
         more;
}

TEST_CASE("lanes with a library of their own are measured and judged like all others", "[light]") {
  const OtherLibrary other;
  const json trial = run_with_library(produce_and_read(other.file(), "history: full\n"), "mock");
  INFO(trial.dump(1));
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("verdict") == "pass");
  const json& produce = trial.at("workloads").at(0);
  CHECK(produce.at("client_library") == other.file().string());
  CHECK(produce.at("client") == "librdkafka " + kafka::loaded_library().version);
  CHECK(produce.at("effective_config").at("linger.ms") == "3");
  const auto acked = produce.at("totals").at("acked").get<std::uint64_t>();
  CHECK(acked == 5000);
  CHECK(produce.at("totals").at("intended") == acked);
  const json& response = produce.at("latency").at("response");
  CHECK(response.at("count") == 4000);  // of measure
  const json& read = trial.at("workloads").at(1);
  CHECK(read.at("totals").at("distinct") == acked);
  CHECK(read.at("totals").at("consumed") == acked);
  CHECK(read.at("totals").at("undelivered") == 0);
  CHECK(read.at("totals").at("read_to_end") == true);
  CHECK(read.at("latency").at("end_to_end").at("count") == 4000);
  CHECK(trial.at("history").contains("file"));
  CHECK(trial.at("generator").at("cpu_s").get<double>() > 0);
}

// Messages and ends of partitions come in turns here, and commits all the time.
TEST_CASE("what the library commits by itself is judged alike, whichever library it is",
          "[light]") {
  const auto* library = GENERATE("2.0.2", "2.8.0", "2.16.0");
  CAPTURE(library);
  const json trial = run_with_library(
      std::string("name: library\n"
                  "topics: {orders: {partitions: 4, replication: 1}}\n"
                  "workloads:\n"
                  "  produce: {kind: producer, topic: orders, rate: 400/s, size: 64B,\n"
                  "            partitioner: round_robin}\n"
                  "  read: {kind: consumer, topic: orders, client_library: ") +
          library +
          ",\n         properties: {fetch.wait.max.ms: 1, auto.commit.interval.ms: 10}}\n"
          "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 4s}\n"
          "expect: [{that: committed_beyond_delivered == 0}, {that: group_skipped == 0}]\n",
      "mock");
  INFO(trial.at("reasons").dump() << trial.value("error", ""));
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("verdict") == "pass");
  const json& read = trial.at("workloads").at(1);
  CHECK(read.at("client") == std::string("librdkafka ") + library);
  CHECK(read.at("totals").at("undelivered") == 0);
}

TEST_CASE("acks in another process pull a trigger", "[light]") {
  const OtherLibrary other;
  const json trial = run_with_library(
      "name: library\n"
      "topics: {orders: {partitions: 2, replication: 1}}\n"
      "workloads:\n"
      "  produce: {kind: producer, topic: orders, rate: 1000/s, client_library: " +
          other.file().string() +
          "}\n"
          "  read: {kind: group, topic: orders, members: 2}\n"
          "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 4s}\n"
          "timeline: [{after: 1000 acked, fault: kill, target: member(2)}]\n",
      "mock");
  INFO(trial.dump(1));
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("faults").at(0).at("status") == "effective");
}

TEST_CASE("a process that loads another library than it was told is an error", "[light]") {
  const OtherLibrary other;
  const auto found = workers::find_client_library(other.file(), SEATRIAL_BINARY);
  REQUIRE(found);
  // From here on the loader finds nothing there, and so takes the system's.
  REQUIRE(fs::remove(found->link / "librdkafka.so.1"));
  const json trial = run_with_library(produce_and_read(other.file()), "mock");
  CHECK(trial.at("status") == "error");
  const auto error = trial.at("error").get<std::string>();
  INFO(error);
  CHECK(error.find("was to run with librdkafka") != error.npos);
  CHECK(error.find(kafka::loaded_library().file) != error.npos);
}

TEST_CASE("a lane's process that dies leaves its open messages unknown, and no verdict",
          "[light]") {
  const OtherLibrary other;
  bool killed = false;
  const json trial =
      run_with_library(produce_and_read(other.file()), "mock", [&](const TrialProgress& p) {
        if (killed || p.phase != "measure" || p.acked_per_s <= 0) return;
        killed = true;
        kill(children().front(), SIGKILL);
      });
  REQUIRE(killed);
  CHECK(trial.at("status") == "error");
  CHECK(trial.at("verdict") == "unknown");
  const auto error = trial.at("error").get<std::string>();
  INFO(error);
  CHECK(error.find("ended by itself: killed by signal 9") != error.npos);
}

TEST_CASE("a file that is no librdkafka is refused before anything runs", "[light]") {
  const auto loaded = load(produce_and_read("/lib/x86_64-linux-gnu/libz.so.1"), "mock");
  REQUIRE_FALSE(loaded.plan);
  const auto text = scenario::to_text(loaded.diagnostics);
  INFO(text);
  CHECK(text.find("library.yaml:5:29") != text.npos);
  CHECK(text.find("cannot run with it") != text.npos);
}

// The brokers assign (KIP-848): what librdkafka 2.0.2 cannot do.
const std::string brokers_assign = R"(name: library
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 6, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 600/s, size: 64B}
  read: {kind: group, topic: orders, members: 3, commit: sync, handler: 2ms, batch: 50,
         assignment: consumer, client_library: 2.16.0, join: {3: 1s}, leave: {1: 7s}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 9s}
timeline:
  - {at: 2s, fault: kill, target: member(2), heal_after: 2s}
expect:
  - {that: group_skipped == 0}
)";

TEST_CASE("a newer library joins groups whose brokers assign") {
  const json trial = run_with_library(brokers_assign, "local");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("verdict") == "pass");
  const json& read = trial.at("workloads").at(1);
  INFO(read.dump(1));
  CHECK(read.at("client") == "librdkafka 2.16.0");
  CHECK(read.at("client_library") == "2.16.0");
  CHECK(read.at("effective_config").at("group.protocol") == "consumer");
  CHECK(read.at("totals").at("distinct") == trial.at("workloads").at(0).at("totals").at("acked"));
  CHECK(read.at("totals").at("undelivered") == 0);
}

// Kafka 4 refuses what librdkafka before 2.6.1 takes for SCRAM.
std::string log_in(const std::string& library) {
  return "name: library\n"
         "cluster: {kind: local, brokers: 1, controllers: combined, users: {alice: wonderland}}\n"
         "topics: {orders: {partitions: 2, replication: 1}}\n"
         "workloads:\n"
         "  produce: {kind: producer, topic: orders, rate: 500/s, size: 64B" +
         library +
         ",\n"
         "    properties: &login {security.protocol: sasl_plaintext,\n"
         "                        sasl.mechanism: SCRAM-SHA-256, sasl.username: alice,\n"
         "                        sasl.password: wonderland}}\n"
         "  read: {kind: consumer, topic: orders, properties: *login" +
         library +
         "}\n"
         "phases: {warmup: {at_least: 500ms, at_most: 500ms}, measure: 1500ms}\n";
}

TEST_CASE("a newer library logs in by SCRAM, an old one says which can") {
  const json trial = run_with_library(log_in(", client_library: 2.16.0"), "local");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  CHECK(trial.at("verdict") == "pass");
  const json& produce = trial.at("workloads").at(0);
  CHECK(produce.at("totals").at("acked") == 1000);
  CHECK(produce.at("effective_config").at("sasl.password") == "********");
  CHECK(trial.at("workloads").at(1).at("totals").at("distinct") == 1000);
  CHECK(trial.at("audit").at("reader") == "wire");

  const json refused = run_with_library(log_in(""), "local");
  CHECK(refused.at("status") == "error");
  const std::string error = refused.at("error");
  INFO(error);
  CHECK(error.find("cannot log in: ") != error.npos);
  CHECK(error.find("client_library: 2.16.0") != error.npos);
}

// Share groups (KIP-932): several members at one partition, and what a killed one had is handed on.
const std::string one_partition_shared = R"(name: library
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 400/s, size: 64B}
  work: {kind: share, topic: orders, members: 2, acknowledge: explicit, handler: 5ms, batch: 20,
         lock: 1s, session: 3s, client_library: 2.16.0}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 3s}
timeline:
  - {at: 1s, fault: kill, target: member(2)}
expect:
  - {that: unseen == 0}
  - {that: work.members_served == 2}
)";

TEST_CASE("a newer library works on one partition with several members") {
  const json trial = run_with_library(one_partition_shared, "local");
  INFO(trial.value("error", "") << trial.value("reasons", json()).dump());
  REQUIRE(trial.at("status") == "finished");
  const json& work = trial.at("workloads").at(1);
  INFO(work.dump(1));
  CHECK(trial.at("verdict") == "pass");
  CHECK(work.at("client") == "librdkafka 2.16.0");
  CHECK(work.at("effective_config").at("share.acknowledgement.mode") == "explicit");
  CHECK(work.at("totals").at("read_to_end") == true);
  CHECK(work.at("totals").at("distinct") == trial.at("workloads").at(0).at("totals").at("acked"));
  CHECK(work.at("totals").at("undelivered") == 0);
  CHECK(work.at("group").at("share") == true);
  CHECK(work.at("group").at("members").at(0).at("handed").get<int>() > 0);
  CHECK(work.at("group").at("members").at(1).at("handed").get<int>() > 0);
}

TEST_CASE("a share group is refused at its place by a library that has none", "[light]") {
  if (!kafka::share_consumers_missing()) SEATRIAL_SKIP("this system's librdkafka has share groups");
  std::string plain = one_partition_shared;
  plain.erase(plain.find(", client_library: 2.16.0"), 24);
  const auto loaded = load(plain, "local");
  REQUIRE_FALSE(loaded.plan);
  const auto text = scenario::to_text(loaded.diagnostics);
  INFO(text);
  CHECK(text.find("library.yaml:6:9: workload 'work'") != text.npos);
  CHECK(text.find("need librdkafka 2.15.0 or newer") != text.npos);
}

}  // namespace
}  // namespace seatrial::run
