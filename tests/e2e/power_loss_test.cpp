// Brokers that lose power, on disks of ours: what acks=all then has lost is counted and explained,
// and a harness that is killed meanwhile leaves nothing mounted after the next `down`.
#include <csignal>
#include <nlohmann/json.hpp>

#include "clusters/node_disks.hpp"
#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* dark = R"(name: dark
cluster: {kind: local, brokers: 2, controllers: combined}
topics:
  orders: {partitions: 2, replication: 2, config: {min.insync.replicas: 2}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s, properties: {acks: all}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 9s}
timeline: [{at: 2s, fault: power_loss, target: all, heal_after: 4s}]
expect:
  - control: acked_lost >= 100
)";

constexpr const char* long_after = R"(name: dark
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 200/s}}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 60s}
timeline: [{at: 50s, fault: power_loss, target: all}]
)";

// Mounts and loop devices whose paths name the run, told by the kernel.
std::size_t mounted_for(const std::string& run) {
  std::string text = read_file("/proc/self/mountinfo");
  std::error_code none;
  for (const auto& device : fs::directory_iterator("/sys/block", none)) {
    const fs::path backing = device.path() / "loop" / "backing_file";
    if (fs::exists(backing)) text += read_file(backing);
  }
  std::size_t count = 0;
  for (auto at = text.find(run + "-"); at != text.npos; at = text.find(run + "-", at + 1)) ++count;
  return count;
}

void lose_power(const std::string& kind) {
  if (const auto why = clusters::no_disks()) SEATRIAL_SKIP(*why);
  const Folder folder;
  const Ended run = seatrial({"run", folder.with("dark.yaml", dark), "--cluster", kind, "--out",
                              (folder / "results").string()});
  INFO(run.out << run.err);
  // Unknown where a busy machine's brokers are not back in time to ack anything more.
  CHECK((run.exit_code == 0 || run.exit_code == 2));
  const fs::path results = latest_run(folder / "results");
  const json trial = record_of(results).at("trials").at(0);
  const json& fault = trial.at("faults").at(0);
  CHECK(fault.at("status") == "effective");
  CHECK(fault.at("effect") == "unpowered");
  double lost = 0;
  for (const auto& counted : fault.at("evidence").at("counted"))
    lost += counted.at("value").get<double>();
  CHECK(lost > 100'000);
  bool found = false;
  for (const auto& finding : trial.at("findings")) {
    if (finding.at("anomaly") != "acked-lost") continue;
    found = true;
    CHECK(finding.at("allowance") == "expected");
    CHECK(finding.at("why").get<std::string>().find("lost power at once") != std::string::npos);
  }
  CHECK(found);
  CHECK(trial.at("explanation").dump().find("lost power at once") != std::string::npos);
  const std::string id = results.filename().string();
  CHECK(left_by(id, kind == "compose") == std::vector<std::string>{});
  CHECK(mounted_for(id) == 0);
}

TEST_CASE("when all brokers lose power, what acks=all had acked is gone, and that is explained") {
  lose_power("local");
}

TEST_CASE("when all containers of compose lose power, what acks=all had acked is gone") {
  lose_power("compose");
}

void kill_harness(const std::string& kind) {
  if (const auto why = clusters::no_disks()) SEATRIAL_SKIP(*why);
  const Folder folder;
  const std::string out = (folder / "results").string();
  Harness harness(
      {.arguments = {"run", folder.with("dark.yaml", long_after), "--cluster", kind, "--out", out},
       .environment = {}});
  REQUIRE(harness.wait_for("measure"));
  const std::string id = latest_run(out).filename().string();
  CHECK(mounted_for(id) >= 3);  // the image, the file system, the loop device
  harness.signal(SIGKILL);
  REQUIRE(harness.wait().by_signal == SIGKILL);
  const Ended down = seatrial({"down", "--out", out});
  INFO(down.out << down.err);
  CHECK(down.exit_code == 0);
  CHECK(left_by(id, kind == "compose") == std::vector<std::string>{});
  CHECK(mounted_for(id) == 0);
}

TEST_CASE("a killed harness leaves no disk mounted after down") { kill_harness("local"); }

TEST_CASE("a killed harness leaves no disk mounted after down, nor containers of compose") {
  kill_harness("compose");
}

}  // namespace
}  // namespace seatrial::e2e
