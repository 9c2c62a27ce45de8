// What the environment brings into config:, users: and properties: is on no command line, in no
// record, page or log, in files for their owner alone while it is needed, and nowhere after `down`.
#include <sys/stat.h>

#include <atomic>
#include <cctype>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::string> canaries{{"CANARY_CONFIG", "canary-of-config-4711"},
                                                  {"CANARY_RACK", "canary-of-rack-4712"},
                                                  {"CANARY_USER", "canary-of-user-4713"},
                                                  {"CANARY_CLIENT", "canary-of-client-4714"}};

std::string found_in(const std::string& text) {
  for (const auto& [name, value] : canaries) {
    if (text.find(value) != std::string::npos) return name;
  }
  return {};
}

// Files below `folder` that hold a canary and that others than their owner could read.
void look_below(const fs::path& folder, bool only_open, std::set<std::string>& hits) {
  std::error_code gone;
  for (fs::recursive_directory_iterator it(folder, gone), end; it != end; it.increment(gone)) {
    struct stat about {};
    if (lstat(it->path().c_str(), &about) != 0) continue;
    const bool closed = (about.st_mode & 0077) == 0;
    if (S_ISDIR(about.st_mode) && closed && only_open) it.disable_recursion_pending();
    if (!S_ISREG(about.st_mode) || (closed && only_open)) continue;
    const auto name = found_in(read_file(it->path()));
    if (!name.empty()) hits.insert(name + " in " + it->path().string());
  }
}

// What other tests have going on at the same time, gigabytes of disks among it, holds no canary.
bool is_of_another_test(const std::string& name) {
  const bool of_a_run = name.size() > 10 && std::isdigit(static_cast<unsigned char>(name[9])) != 0;
  return name.starts_with("seatrial-test-") ||
         (of_a_run && name.find("-canary-") == std::string::npos);
}

void look_in_files(const fs::path& results, bool only_open, std::set<std::string>& hits) {
  look_below(results, only_open, hits);
  for (const char* root : {"/dev/shm", "/tmp"}) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(root, absent)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("seatrial-") || is_of_another_test(name)) continue;
      struct stat about {};
      if (lstat(entry.path().c_str(), &about) != 0) continue;
      if (only_open && (about.st_mode & 0077) == 0) continue;
      look_below(entry.path(), only_open, hits);
    }
  }
}

// Looks at every process's command line, and at files, as long as it lives.
class Lookout {
 public:
  explicit Lookout(fs::path results) : results_(std::move(results)) {
    lines_ = std::thread([this] {
      while (!over_) look_at_lines();
    });
    files_ = std::thread([this] {
      while (!over_) {
        look_in_files(results_, true, open_);
        std::this_thread::sleep_for(milliseconds(200));
      }
    });
  }
  ~Lookout() { end(); }
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;
  std::set<std::string> end() {
    over_ = true;
    if (lines_.joinable()) lines_.join();
    if (files_.joinable()) files_.join();
    open_.merge(reported_);
    return open_;
  }

 private:
  void look_at_lines() {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc", gone)) {
      if (std::isdigit(static_cast<unsigned char>(entry.path().filename().c_str()[0])) == 0)
        continue;
      const auto line = read_file(entry.path() / "cmdline");
      const auto name = found_in(line);
      if (!name.empty()) reported_.insert(name + " in a command line: " + line);
    }
    std::this_thread::sleep_for(milliseconds(5));
  }

  fs::path results_;
  std::atomic<bool> over_{false};
  std::set<std::string> reported_, open_;
  std::thread lines_, files_;
};

constexpr const char* with_config = R"(name: canary
cluster:
  kind: local
  brokers: 1
  controllers: combined
  config: {ssl.keystore.password: "${env:CANARY_CONFIG}", broker.rack: "${env:CANARY_RACK}"}
topics: {orders: {partitions: 1, replication: 1}}
workloads:
  produce:
    {kind: producer, topic: orders, rate: 200/s, properties: {client.id: "${env:CANARY_CLIENT}"}}
  read: {kind: group, topic: orders, members: 1, properties: {client.id: "${env:CANARY_CLIENT}"}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 4s}
)";

// An older librdkafka cannot log in; the trial then ends with that.
constexpr const char* with_users = R"(name: canary
cluster:
  {kind: local, brokers: 1, controllers: combined, users: {bob: "${env:CANARY_USER}"}}
topics: {orders: {partitions: 1, replication: 1}}
workloads:
  produce:
    kind: producer
    topic: orders
    rate: 200/s
    properties: {security.protocol: sasl_plaintext, sasl.mechanism: SCRAM-SHA-256,
                 sasl.username: bob, sasl.password: "${env:CANARY_USER}"}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 2s}
)";

struct CanaryRun {
  explicit CanaryRun(const char* scenario)
      : lookout(folder / "results"),
        harness({.arguments = {"run", folder.with("canary.yaml", scenario), "--out",
                               (folder / "results").string()},
                 .environment = canaries}) {}
  // Nothing that was printed, written or started has shown one; nothing is left.
  void look() {
    const Ended end = harness.wait();
    INFO(end.out << end.err);
    CHECK(found_in(end.out + end.err).empty());
    CHECK(lookout.end() == std::set<std::string>{});
    std::set<std::string> left;
    look_in_files(folder / "results", false, left);
    CHECK(left == std::set<std::string>{});
    REQUIRE_FALSE(latest_run(folder / "results").empty());
  }
  Folder folder;
  Lookout lookout;
  Harness harness;
};

TEST_CASE("secrets of config and properties show nowhere") {
  CanaryRun run(with_config);
  run.look();
  CHECK(read_file(latest_run(run.folder / "results") / "brokers/trial-0/broker-1.log")
            .find("broker.rack = ****") != std::string::npos);
}

TEST_CASE("passwords of users show nowhere") {
  CanaryRun run(with_users);
  run.look();
}

TEST_CASE("containers, which show their environment, are given no secrets") {
  const Folder folder;
  Harness run({.arguments = {"run", folder.with("canary.yaml", with_config), "--cluster", "compose",
                             "--out", (folder / "results").string()},
               .environment = canaries});
  const Ended end = run.wait();
  INFO(end.out << end.err);
  CHECK(end.exit_code == 3);
  CHECK(end.err.find("--cluster local") != std::string::npos);
  CHECK(found_in(end.out + end.err).empty());
}

TEST_CASE("secrets of a killed run are gone after down, or for its owner alone") {
  CanaryRun run(with_config);
  REQUIRE(run.harness.wait_for("measure"));
  run.harness.signal(SIGKILL);
  REQUIRE(run.harness.wait().by_signal == SIGKILL);
  CHECK(seatrial({"down", "--out", (run.folder / "results").string()}).exit_code == 0);
  CHECK(run.lookout.end() == std::set<std::string>{});
  std::set<std::string> left;
  look_in_files(run.folder / "results", true, left);
  CHECK(left == std::set<std::string>{});
  const auto id = latest_run(run.folder / "results").filename().string();
  CHECK(left_by(id) == std::vector<std::string>{});
  for (const auto& entry : fs::recursive_directory_iterator(run.folder / "results")) {
    CHECK(entry.path().extension() != ".properties");
  }
}

}  // namespace
}  // namespace seatrial::e2e
