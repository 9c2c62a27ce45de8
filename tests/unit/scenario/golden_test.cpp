// Every broken scenario of tests/golden/scenario with the exact message it must bring, and the plan
// of a whole one. SEATRIAL_ACCEPT=1 writes what comes out; a file without its pair is an error.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "scenario/plan_text.hpp"
#include "support/catch.hpp"
#include "support/mask.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;
namespace fs = std::filesystem;

namespace {

const fs::path folder = fs::path(SEATRIAL_ROOT) / "tests/golden/scenario";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void compare(const fs::path& golden, const std::string& text) {
  if (std::getenv("SEATRIAL_ACCEPT") != nullptr) {
    std::ofstream(golden, std::ios::binary) << text;
    return;
  }
  INFO("golden file " << golden.string() << ", accepted by SEATRIAL_ACCEPT=1");
  REQUIRE(fs::exists(golden));
  CHECK(read(golden) == text);
}

scenario::Outcome load_file(const fs::path& path) {
  return scenario::load(test::request(path.filename().string(), read(path)));
}

}  // namespace

TEST_CASE("broken scenarios are refused with their exact messages") {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(folder / "broken")) {
    if (entry.path().extension() != ".yaml") {
      CHECK(fs::exists(fs::path(entry.path()).replace_extension(".yaml")));  // no orphans
      continue;
    }
    ++count;
    const auto outcome = load_file(entry.path());
    INFO(entry.path().filename().string());
    CHECK_FALSE(outcome.plan);
    CHECK_FALSE(outcome.diagnostics.empty());
    compare(fs::path(entry.path()).replace_extension(".txt"),
            test::masked(scenario::to_text(outcome.diagnostics)));
  }
  CHECK(count >= 20);
}

TEST_CASE("a whole scenario prints the plan that it always printed") {
  const auto outcome = load_file(folder / "whole.yaml");
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  compare(folder / "whole.txt", scenario::plan_to_text(*outcome.plan));
  compare(folder / "whole.json", scenario::plan_to_json(*outcome.plan).dump(2) + "\n");
}

TEST_CASE("a plan does not depend on the folder it was asked for from") {
  const auto text = read(folder / "whole.yaml");
  std::string first;
  for (const std::string path : {"whole.yaml", "/somewhere/else/whole.yaml"}) {
    const auto outcome = scenario::load(test::request(path, text));
    REQUIRE(outcome.plan);
    const auto printed =
        scenario::plan_to_text(*outcome.plan) + scenario::plan_to_json(*outcome.plan).dump();
    if (first.empty()) first = printed;
    CHECK(printed == first);
  }
}

TEST_CASE("the scenarios that come along are sound and warn of nothing") {
  for (const std::string name : {"quickstart.yaml", "smoke.yaml", "engines.yaml",
                                 "durability/commit-modes.yaml", "durability/rebalance.yaml"}) {
    const auto outcome = load_file(fs::path(SEATRIAL_ROOT) / "scenarios" / name);
    INFO(scenario::to_text(outcome.diagnostics));
    REQUIRE(outcome.plan);
    CHECK(outcome.plan->warnings.empty());
  }
}
