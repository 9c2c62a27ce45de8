// The scenarios that come with the project are valid; and a run's whole history, on a real broker,
// is judged the same by the checkers of operations.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST_CASE("every scenario of the project is valid", "[light]") {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root / "scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    const Ended end = seatrial({"validate", entry.path().string()});
    INFO(entry.path() << end.out << end.err);
    CHECK(end.exit_code == 0);
    ++count;
  }
  CHECK(count >= 10);
}

constexpr const char* whole_history = R"(name: whole
history: full
cluster: {kind: local, brokers: 1, controllers: combined}
topics: {orders: {partitions: 3, replication: 1}}
workloads:
  produce: {kind: producer, topic: orders, rate: 500/s, lanes: 2}
  read: {kind: consumer, topic: orders, lanes: 2}
phases: {warmup: {at_least: 1s, at_most: 1s}, measure: 3s}
)";

TEST_CASE("the whole history of a run on a real broker is valid, and a flaw in it is found") {
  const Folder folder;
  const std::string out = (folder / "results").string();
  const Ended run = seatrial({"run", folder.with("whole.yaml", whole_history), "--out", out});
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  const fs::path results = latest_run(folder / "results");
  const json trial = record_of(results).at("trials").at(0);
  const std::string file = trial.at("history").at("file");
  const Ended sound = seatrial({"check", results.string(), "--format", "json"});
  INFO(sound.out << sound.err);
  CHECK(sound.exit_code == 0);

  // The same, save that one message was never polled although a later one was.
  std::ifstream in(results / file);
  std::ofstream broken(folder / "broken.jsonl");
  bool dropped = false;
  std::uint64_t sends = 0;
  for (std::string line; std::getline(in, line);) {
    json operation = json::parse(line);
    if (operation.at("f") == "send" && operation.at("type") == "ok") ++sends;
    if (!dropped && operation.at("f") == "poll" && operation.at("type") == "ok") {
      for (auto& [key, messages] : operation.at("value").at(0).at(1).items()) {
        if (messages.empty() || dropped) continue;
        messages.erase(messages.begin());
        dropped = true;
      }
    }
    broken << operation.dump() << '\n';
  }
  broken.close();
  REQUIRE(dropped);
  CHECK(sends == trial.at("workloads").at(0).at("totals").at("acked"));
  const Ended found = seatrial({"check", (folder / "broken.jsonl").string(), "--format", "json"});
  INFO(found.out << found.err);
  CHECK(found.exit_code == 1);
  CHECK(json::parse(found.out).at("anomalies").contains("lost-write"));
}

}  // namespace
}  // namespace seatrial::e2e
