// Every broken scenario of tests/golden/scenario with the exact message it must bring, and the plan
// of a whole one. A file without its pair is an error.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "scenario/plan_text.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/mask.hpp"
#include "unit/scenario/load.hpp"

using namespace seatrial;
namespace fs = std::filesystem;

namespace {

const fs::path folder = test::golden_path("scenario");

scenario::Outcome load_file(const fs::path& path) {
  return scenario::load(test::request(path.filename().string(), test::read_whole(path)));
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
    test::compare_with_golden(test::masked(scenario::to_text(outcome.diagnostics)),
                              "scenario/broken/" + entry.path().stem().string() + ".txt");
  }
  CHECK(count >= 20);
}

TEST_CASE("a whole scenario prints the plan that it always printed") {
  const auto outcome = load_file(folder / "whole.yaml");
  INFO(scenario::to_text(outcome.diagnostics));
  REQUIRE(outcome.plan);
  test::compare_with_golden(scenario::plan_to_text(*outcome.plan), "scenario/whole.txt");
  test::compare_with_golden(scenario::plan_to_json(*outcome.plan).dump(2) + "\n",
                            "scenario/whole.json");
}

TEST_CASE("a plan does not depend on the folder it was asked for from") {
  const auto text = test::read_whole(folder / "whole.yaml");
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
