// A broker with two log dirs, on a disk each: it lives on without the second, which heal has it
// take back, and halts without the first, in which the cluster's metadata are.
#include <nlohmann/json.hpp>

#include "clusters/node_disks.hpp"
#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace seatrial::e2e {
namespace {

using nlohmann::json;

constexpr const char* full = R"(name: full
cluster: {kind: local, brokers: 1, controllers: combined, log_dirs: 2}
topics:
  orders: {partitions: 4, replication: 1}   # two in each
workloads:
  produce: {kind: producer, topic: orders, rate: 200/s, properties: {acks: all, linger.ms: 5}}
matrix: {dir: [2, 1]}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 15s}
timeline: [{at: 1s, fault: disk_full, target: broker(1), log_dir: "${dir}", heal_after: 7s}]
expect:
  - {that: acked_lost == 0}
  - {control: log_dirs_given_up == 1, where: {dir: 2}}
  - {that: halted == 0, where: {dir: 2}}
  - {control: halted == 1, where: {dir: 1}}
)";

struct Seen {
  double given_up = 0;
  std::string after;  // of the node's process, before it was started again
};

Seen seen(const json& trial) {
  const json& fault = trial.at("faults").at(0);
  INFO(fault.dump(1));
  CHECK(fault.at("status") == "effective");
  CHECK(trial.dump().find("healing:") == std::string::npos);
  const json& evidence = fault.at("evidence");
  Seen out;
  for (const auto& counted : evidence.at("counted")) {
    if (counted.at("kind") == "log dirs given up")
      out.given_up += counted.at("value").get<double>();
  }
  for (const auto& node : evidence.at("nodes")) out.after = node.at("after");
  return out;
}

void fill_each(const std::string& kind) {
  if (const auto why = clusters::no_disks()) SEATRIAL_SKIP(*why);
  const Folder folder;
  const Ended run = seatrial({"run", folder.with("full.yaml", full), "--cluster", kind, "--out",
                              (folder / "results").string()});
  INFO(run.out << run.err);
  // Unknown where a busy machine's broker is not back in time for the audit.
  CHECK((run.exit_code == 0 || run.exit_code == 2));
  const auto results = latest_run(folder / "results");
  const json trials = record_of(results).at("trials");
  REQUIRE(trials.size() == 2);
  const Seen second = seen(trials.at(0));
  CHECK(second.given_up == 1);
  CHECK(second.after == "exited with code 143");  // it lived, and was ended in order
  const Seen first = seen(trials.at(1));
  CHECK(first.given_up == 0);
  CHECK(first.after == "exited with code 1");
  CHECK(left_by(results.filename().string(), kind == "compose") == std::vector<std::string>{});
}

TEST_CASE("a broker lives without its second log dir, and halts without its first") {
  fill_each("local");
}

TEST_CASE("a broker in a container of compose lives without its second log dir alone") {
  fill_each("compose");
}

}  // namespace
}  // namespace seatrial::e2e
