// The command line as its users meet it: messages, exit codes, help, and that asking starts
// nothing.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "clusters/jars.hpp"
#include "core/cluster.hpp"
#include "e2e/seatrial_process.hpp"
#include "support/catch.hpp"
#include "support/mask.hpp"
#include "support/text.hpp"

namespace seatrial::e2e {
namespace {

using test::contains;

namespace fs = std::filesystem;

const fs::path goldens = root / "tests/golden";

TEST_CASE("every broken scenario ends with 3, its exact message, and nothing started", "[light]") {
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
    CHECK(said == expected);
    CHECK(end.out.empty());
  }
  CHECK(count >= 20);
  CHECK_FALSE(fs::exists(folder / "results"));
}

TEST_CASE("doctor grades the machine, and its exit code says whether it is fit", "[light]") {
  Harness doctor({.arguments = {"doctor", "--format", "json"}, .cwd = root, .environment = {}});
  const Ended end = doctor.wait();
  INFO(end.out << end.err);
  const auto reported = nlohmann::json::parse(end.out);
  bool doubt = false;
  for (const auto& grade : reported.at("grades")) {
    doubt = doubt || grade.at("mark") == "doubt";
    CHECK_FALSE(grade.at("observed").get<std::string>().empty());
  }
  CHECK(reported.at("fit") == !doubt);
  CHECK(end.exit_code == (doubt ? 2 : 0));
  CHECK(reported.at("grades").size() >= 18);
}

TEST_CASE("wrong usage ends with 3 and says what is wrong", "[light]") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{}, "which verb?"},
      {{"-x"}, "options come after their verb"},
      {{"run", "scenarios/smoke.yaml", "--clustr", "mock"}, "did you mean '--cluster'"},
      {{"fly"}, "there is no verb 'fly'"},
      {{"rum"}, "did you mean 'run'"},
      {{"run", "scenarios/smoke.yaml", "--fast"}, "--fast"},
      {{"run"}, "scenario"},
      {{"run", "scenarios/smok.yaml"}, "cannot read scenarios/smok.yaml"},
      {{"run", "scenarios/smoke.yaml", "--set", "cluster.brokesr=3"}, "did you mean 'brokers'"},
      {{"run", "scenarios/durability/isolated-leader.yaml", "--keep-cluster"},
       "--keep-cluster: the brokers of the last trial are reached through a proxy"},
      {{"run", "scenarios/quickstart.yaml", "--only", "acks=2"}, "they are 'acks=1', 'acks=all'"},
      {{"run", "scenarios/quickstart.yaml", "--cluster", "compose", "--set", "cluster.brokers=7"},
       "scenarios/quickstart.yaml:13:10: compose/apache.yaml has 6 brokers"},
      {{"list", "fault"}, "did you mean 'faults'"},
      {{"explain", "acked-lots"}, "did you mean 'acked-lost'"},
      {{"report", "/nowhere"}, "holds no run"},
      {{"report", "/nowhere", "--format", "yaml"}, "--format"},
      {{"run", "scenarios/smoke.yaml", "--label", "commit"}, "has no '='; write --label KEY=VALUE"},
  };
  for (const auto& [arguments, words] : wrong) {
    const Ended end = seatrial(arguments);
    INFO(words << "\n" << end.out << end.err);
    CHECK(end.exit_code == 3);
    CHECK(contains(end.err, words));
  }
}

// A home of its own without jars, and a Maven that takes them from where they are.
TEST_CASE("on a new machine a misspelt Kafka property is told before a broker starts") {
  const auto jars = clusters::prepare_jars(ClusterSpec{}.version, {});
  REQUIRE(jars);
  const Folder folder;
  fs::create_directories(folder / "home/compose/kafka");
  fs::copy(root / "compose/kafka", folder / "home/compose/kafka", fs::copy_options::recursive);
  fs::create_directories(folder / "bin");
  const std::string maven = folder.with(
      "bin/mvn",
      "#!/bin/sh\n"
      "for argument; do case $argument in -DoutputDirectory=*) to=${argument#*=} ;; esac; done\n"
      "mkdir -p \"$to\" && ln -s '" +
          jars->string() + "'/*.jar \"$to\"\n");
  fs::permissions(maven, fs::perms::owner_all);
  const auto scenario = folder.with("new.yaml", R"(name: new
cluster:
  kind: local
  brokers: 1
  controllers: combined
  config: {num.io.thread: 8}
topics: {orders: {partitions: 1, replication: 1, config: {retention.m: 1}}}
workloads: {produce: {kind: producer, topic: orders, rate: 100/s}}
)");
  Harness run({.arguments = {"run", scenario, "--out", (folder / "results").string()},
               .environment = {{"SEATRIAL_HOME", (folder / "home").string()},
                               {"PATH", (folder / "bin").string() + ":" + std::getenv("PATH")}}});
  const Ended end = run.wait();
  INFO(end.out << end.err);
  CHECK(end.exit_code == 3);
  CHECK(contains(end.err, "fetching the jars"));
  CHECK(contains(end.err, "new.yaml:6:"));
  CHECK(contains(end.err, "did you mean 'num.io.threads'"));
  CHECK(contains(end.err, "new.yaml:7:"));
  CHECK(contains(end.err, "did you mean 'retention.ms'"));
  CHECK_FALSE(contains(end.out, "starting brokers"));
  CHECK(latest_run(folder / "results").empty());
}

TEST_CASE("an option that is given an empty word is refused, not left out", "[light]") {
  const std::string scenario = (root / "scenarios/quickstart.yaml").string();
  for (const char* option : {"--resume", "--cluster", "--seed", "--out"}) {
    const Ended end = seatrial({"run", scenario, option, ""});
    INFO(option << ": " << end.out << end.err);
    CHECK(end.exit_code == 3);
    CHECK(contains(end.err + end.out, std::string(option) + ": is empty"));
  }
}

TEST_CASE("what is no file of a scenario is refused at once", "[light]") {
  const Folder folder;
  const auto pipe = (folder / "pipe.yaml").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(seatrial({"validate", pipe}).exit_code == 3);
  const Ended endless = seatrial({"validate", "/dev/zero"});
  CHECK(endless.exit_code == 3);
  CHECK(contains(endless.err, "larger than 16 MiB"));
}

TEST_CASE("a broker that cannot start ends with 4 and its last log lines") {
  const Folder folder;
  const auto scenario = folder.with("broken.yaml", R"(name: broken
cluster: {kind: local, brokers: 1, controllers: combined, heap: 1MiB}
topics: {orders: {partitions: 1, replication: 1}}
workloads: {produce: {kind: producer, topic: orders, rate: 100/s}}
)");
  const Ended end = seatrial({"run", scenario, "--out", (folder / "results").string()});
  INFO(end.out << end.err);
  CHECK(end.exit_code == 4);
  const std::string said = end.out + end.err;
  CHECK(contains(said, "did not start"));
  // In its JVM's own words, wherever the terminal breaks them.
  CHECK(contains(std::regex_replace(said, std::regex("\\s+"), " "), "Too small maximum heap"));
  const fs::path results = latest_run(folder / "results");
  REQUIRE_FALSE(results.empty());
  CHECK(left_by(results.filename().string()) == std::vector<std::string>{});
}

TEST_CASE("a plan is the same byte for byte in any folder, locale and time zone", "[light]") {
  const Folder elsewhere;
  const std::string scenario = (root / "scenarios/quickstart.yaml").string();
  for (const char* format : {"text", "json"}) {
    const std::vector<std::string> arguments{"plan", scenario, "--seed", "7", "--format", format};
    Harness here({.arguments = arguments, .environment = {{"LC_ALL", "C"}, {"TZ", "UTC"}}});
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

TEST_CASE("list prints every plug-in that it always printed", "[light]") {
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

TEST_CASE("every verb has help with an example", "[light]") {
  const auto all = verbs();
  CHECK(all.size() >= 8);
  for (const auto& verb : all) {
    const Ended end = seatrial({verb, "--help"});
    INFO(verb << "\n" << end.out << end.err);
    CHECK(end.exit_code == 0);
    CHECK(contains(end.out, "Example: ./seatrial " + verb));
  }
}

TEST_CASE("explain defines an anomaly", "[light]") {
  const Ended end = seatrial({"explain", "acked-lost"});
  CHECK(end.exit_code == 0);
  CHECK(end.out.starts_with("acked-lost: "));
  CHECK(contains(end.out, "received a success"));
}

TEST_CASE("schema prints JSON", "[light]") {
  const Ended end = seatrial({"schema"});
  CHECK(end.exit_code == 0);
  CHECK(nlohmann::json::accept(end.out));
}

}  // namespace
}  // namespace seatrial::e2e
