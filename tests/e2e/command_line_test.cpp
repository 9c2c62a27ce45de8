// The command line as its users meet it: messages, exit codes, help, and that asking starts
// nothing.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/mask.hpp"

namespace seatrial::e2e {
namespace {

namespace fs = std::filesystem;

const fs::path goldens = root / "tests/golden";

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST_CASE("every broken scenario ends with 3, its exact message, and nothing started") {
  const Folder folder;
  int count = 0;
  for (const auto& entry : fs::directory_iterator(goldens / "scenario/broken")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    Harness run({.arguments = {"run", entry.path().filename().string(), "--out",
                               (folder / "results").string()},
                 .cwd = entry.path().parent_path(),
                 .environment = {}});
    const Ended end = run.wait();
    INFO(entry.path().filename().string() << "\n" << end.out);
    CHECK(end.exit_code == 3);
    std::string expected = read_file(fs::path(entry.path()).replace_extension(".txt"));
    if (!expected.ends_with("\n")) expected += "\n";
    std::string said = test::masked(end.err);
    while (said.ends_with("\n\n")) said.pop_back();
    CHECK(said == expected);
    CHECK(end.out.empty());
  }
  CHECK(count >= 20);
  CHECK_FALSE(fs::exists(folder / "results"));
}

TEST_CASE("wrong usage ends with 3 and says what is wrong") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "subcommand"},
      {{"fly"}, "there is no verb 'fly'"},
      {{"rum"}, "did you mean 'run'"},
      {{"run", "scenarios/smoke.yaml", "--fast"}, "--fast"},
      {{"run"}, "scenario"},
      {{"run", "scenarios/smok.yaml"}, "cannot read scenarios/smok.yaml"},
      {{"run", "scenarios/smoke.yaml", "--set", "cluster.brokesr=3"}, "did you mean 'brokers'"},
      {{"run", "scenarios/quickstart.yaml", "--only", "acks=2"}, "no such variant"},
      {{"list", "fault"}, "did you mean 'faults'"},
      {{"explain", "acked-lots"}, "did you mean 'acked-lost'"},
      {{"report", "/nowhere"}, "holds no run"},
  };
  for (const auto& [arguments, words] : wrong) {
    const Ended end = seatrial(arguments);
    INFO(words << "\n" << end.out << end.err);
    CHECK(end.exit_code == 3);
    CHECK(contains(end.err, words));
  }
}

TEST_CASE("a broker that cannot start ends with 4 and its last log lines") {
  const Folder folder;
  const auto scenario = folder.with("broken.yaml", R"(name: broken
cluster: {kind: local, brokers: 1, controllers: combined, config: {num.io.threads: none}}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 100/s}}
)");
  const Ended end = seatrial({"run", scenario, "--out", (folder / "results").string()});
  INFO(end.out << end.err);
  CHECK(end.exit_code == 4);
  const std::string said = end.out + end.err;
  CHECK(contains(said, "did not start"));
  CHECK(contains(said, "num.io.threads"));  // in the broker's own words
  const fs::path results = latest_run(folder / "results");
  REQUIRE_FALSE(results.empty());
  CHECK(left_by(results.filename().string()) == std::vector<std::string>{});
}

TEST_CASE("a plan is the same byte for byte in any folder, locale and time zone") {
  const Folder elsewhere;
  const std::string scenario = (root / "scenarios/quickstart.yaml").string();
  for (const char* format : {"text", "json"}) {
    const std::vector<std::string> arguments{"plan", scenario, "--seed", "7", "--format", format};
    Harness here({.arguments = arguments,
                  .environment = {{"LC_ALL", "C"}, {"TZ", "UTC"}}});
    Harness there({.arguments = arguments,
                   .cwd = elsewhere.path(),
                   .environment = {{"LC_ALL", "de_DE.UTF-8"}, {"TZ", "Asia/Tokyo"}}});
    const Ended one = here.wait();
    const Ended other = there.wait();
    INFO(one.err);
    CHECK(one.exit_code == 0);
    CHECK(contains(one.out, "acks=all"));
    CHECK(one.out == other.out);
    CHECK(one.err == other.err);
  }
}

TEST_CASE("list prints every plug-in that it always printed") {
  const Ended end = seatrial({"list"});
  CHECK(end.exit_code == 0);
  const fs::path golden = goldens / "list.txt";
  if (std::getenv("SEATRIAL_ACCEPT") != nullptr) {
    std::ofstream(golden, std::ios::binary) << end.out;
  }
  INFO("golden file " << golden.string() << ", accepted by SEATRIAL_ACCEPT=1");
  CHECK(read_file(golden) == end.out);
  const Ended faults = seatrial({"list", "faults"});
  CHECK(contains(end.out, faults.out));
  CHECK_FALSE(contains(faults.out, "checkers"));
}

std::vector<std::string> verbs() {
  std::istringstream help(seatrial({"--help"}).out);
  std::vector<std::string> found;
  std::string line;
  while (std::getline(help, line) && line != "Subcommands:") continue;
  while (std::getline(help, line) && line.starts_with("  ")) {
    found.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return found;
}

TEST_CASE("every verb has help with an example") {
  const auto all = verbs();
  CHECK(all.size() >= 8);
  for (const auto& verb : all) {
    const Ended end = seatrial({verb, "--help"});
    INFO(verb << "\n" << end.out << end.err);
    CHECK(end.exit_code == 0);
    CHECK(contains(end.out, "Example: ./seatrial " + verb));
  }
}

TEST_CASE("explain defines an anomaly") {
  const Ended end = seatrial({"explain", "acked-lost"});
  CHECK(end.exit_code == 0);
  CHECK(end.out.starts_with("acked-lost: "));
  CHECK(contains(end.out, "received a success"));
}

TEST_CASE("schema prints JSON") {
  const Ended end = seatrial({"schema"});
  CHECK(end.exit_code == 0);
  CHECK(nlohmann::json::accept(end.out));
}

}  // namespace
}  // namespace seatrial::e2e
